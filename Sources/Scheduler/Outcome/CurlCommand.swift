/// The shell command that repeats a call by hand: POSIX sh, curl 7.43 or newer.
///
/// Every word is quoted so that no byte of the task means anything to the shell, to curl or to a terminal that it is
/// pasted into.
package struct CurlCommand: Sendable, Equatable {
    package let text: String

    /// One argument of a program must stay below 128 KiB on Linux.
    private static let longestArgument = 65_536

    package init(_ request: CallbackRequest, of id: TaskID, attempt: Int) {
        let sent = CallbackRequest.sendsBody(method: request.method) ? request.body : nil
        // As the dispatcher does: these methods announce an empty body when they have none.
        let body = sent ?? (["POST", "PUT", "PATCH"].contains(request.method) ? [] : nil)
        var words = ["curl"]
        switch request.method {
        case "GET": break
        case "HEAD": words.append("--head")
        default: words += ["--request", Self.quote(request.method)]
        }
        if request.maxRedirects > 0 { words += ["--location", "--max-redirs", "\(request.maxRedirects)"] }
        for field in Self.headers(request, id, attempt, hasBody: body != nil) {
            words += ["--header", Self.quote(field)]
        }
        var source = ""
        if let body {
            if let text = Self.pasteable(body) {
                words += ["--data-raw", Self.quote(text)]
            } else {
                source = "printf \(Self.format(body)) | "
                words += ["--data-binary", "@-"]
            }
        }
        // Brackets and braces in a URL are patterns to curl.
        if request.url.utf8.contains(where: { "[]{}".utf8.contains($0) }) { words.append("--globoff") }
        words.append(Self.quote(request.url))
        text = source + words.joined(separator: " ")
    }

    // MARK: Headers

    private static func headers(_ request: CallbackRequest, _ id: TaskID, _ attempt: Int, hasBody: Bool) -> [String] {
        func has(_ name: String) -> Bool { request.headers.contains { $0.name.lowercased() == name } }
        var fields = request.headers.map { field in
            // Without a value curl takes the field out; with a semicolon it sends it empty.
            field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)"
        }
        fields += ["X-Task-Id: \(id)", "X-Task-Attempt: \(attempt)"]
        if !has("idempotency-key") { fields.append("Idempotency-Key: \(id)") }
        // curl would call any body a form.
        if hasBody, !has("content-type") { fields.append("Content-Type:") }
        return fields
    }

    // MARK: Quoting

    /// The body as text, when it can be a word of the command.
    private static func pasteable(_ body: [UInt8]) -> String? {
        guard body.count <= longestArgument, body.allSatisfy({ isPasteable($0) }) else { return nil }
        return String(validating: body, as: UTF8.self)
    }

    /// Control characters would act on a terminal; only tab and line feed are harmless within quotes.
    private static func isPasteable(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != 0x7F || byte == 0x0A || byte == 0x09
    }

    /// One word of the shell.
    package static func quote(_ text: String) -> String {
        guard text.utf8.allSatisfy(isPasteable) else { return "\"$(printf \(format(Array(text.utf8))))\"" }
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "/"), UInt8(ascii: ":"):
                true
            default: false
            }
        }
        if isPlain, !text.isEmpty { return text }
        // A quote ends the quoted part, stands escaped, and begins the next. By bytes, as the shell reads: before a combining
        // accent a quote is another character of Swift.
        let parts = text.utf8.split(separator: UInt8(ascii: "'"), omittingEmptySubsequences: false)
        return "'" + parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "'\\''") + "'"
    }

    /// A format of printf that gives exactly these bytes.
    private static func format(_ bytes: [UInt8]) -> String {
        var text = "'"
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "%"): text += "%%"
            case UInt8(ascii: "-") where index == 0: text += "\\055"
            case UInt8(ascii: "'"), UInt8(ascii: "\\"): text += octal(byte)
            case 0x20..<0x7F: text.unicodeScalars.append(Unicode.Scalar(byte))
            default: text += octal(byte)
            }
        }
        return text + "'"
    }

    private static func octal(_ byte: UInt8) -> String {
        "\\" + [6, 3, 0].map { String(byte >> UInt8($0) & 7) }.joined()
    }
}
