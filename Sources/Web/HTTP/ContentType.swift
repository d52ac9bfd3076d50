/// The value of a `Content-Type` header, as far as this program needs it.
struct ContentType: Equatable {
    /// In lower case, without parameters: `application/json`.
    let name: String
    /// In lower case.
    let charset: String?

    init(_ text: String) {
        var parts = text.split(separator: ";", omittingEmptySubsequences: false)
        name = parts.isEmpty ? "" : trim(parts.removeFirst()).lowercased()
        var charset: String?
        for part in parts {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, trim(pair[0]).lowercased() == "charset" else { continue }
            charset = trim(pair[1]).filter { $0 != "\"" }.lowercased()
        }
        self.charset = charset
    }
}

private func trim(_ text: Substring) -> Substring {
    var text = text.drop { $0 == " " || $0 == "\t" }
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return text
}
