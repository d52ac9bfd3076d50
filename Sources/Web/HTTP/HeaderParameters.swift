/// The value of a header that may have parameters: `form-data; name="a b"; filename=x` (RFC 9110, section 5.6.6).
struct HeaderParameters: Equatable {
    /// What stands before the first semicolon, in lower case.
    let value: String
    /// By their names in lower case; the first of a name counts.
    private(set) var parameters: [String: String] = [:]

    init(_ text: String) {
        var rest = text.utf8[...]
        value = Self.trimmed(rest.prefix { $0 != UInt8(ascii: ";") }).lowercased()
        rest = rest.drop { $0 != UInt8(ascii: ";") }
        while rest.popFirst() != nil {
            let name = Self.trimmed(rest.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: "=") }).lowercased()
            rest = rest.drop { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: "=") }
            guard rest.first == UInt8(ascii: "=") else { continue }
            rest = rest.dropFirst().drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            let content = rest.first == UInt8(ascii: "\"") ? Self.quoted(&rest) : nil
            let plain = rest.prefix { $0 != UInt8(ascii: ";") }
            rest = rest.dropFirst(plain.count)
            if parameters[name] == nil { parameters[name] = content ?? Self.trimmed(plain) }
        }
    }

    private static func trimmed(_ bytes: Substring.UTF8View) -> String {
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var bytes = bytes.drop(while: isBlank)
        while let last = bytes.last, isBlank(last) { bytes.removeLast() }
        return String(Substring(bytes))
    }

    /// Takes a quoted string; what has no second quote ends with the text.
    private static func quoted(_ rest: inout Substring.UTF8View) -> String {
        var content: [UInt8] = []
        rest = rest.dropFirst()
        while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
            if byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() {
                content.append(escaped)
            } else {
                content.append(byte)
            }
        }
        return String(decoding: content, as: UTF8.self)
    }
}
