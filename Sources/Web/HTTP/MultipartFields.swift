/// The fields of a form sent as `multipart/form-data` (RFC 7578), as PHP's curl sends an array; files are left out.
struct MultipartFields {
    /// In the order in which they came.
    private(set) var pairs: [FormFields.Pair] = []

    private static let lineEnd: [UInt8] = [13, 10]
    private static let blankLine: [UInt8] = [13, 10, 13, 10]

    /// - Returns: nil when the body is not of that form as a whole; then none of it counts, as with Go's `mime/multipart`.
    init?(_ body: [UInt8], boundary: String) {
        guard (1...70).contains(boundary.utf8.count) else { return nil }
        let delimiter = Array("\r\n--\(boundary)".utf8)
        // The first delimiter may stand at the very beginning.
        var rest = (Self.lineEnd + body)[...]
        guard let start = rest.firstRange(of: delimiter) else { return nil }
        rest = rest[start.upperBound...]
        while !rest.starts(with: Array("--".utf8)) {
            rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            guard rest.starts(with: Self.lineEnd), let end = rest.firstRange(of: delimiter),
                let part = Part(rest[..<end.lowerBound])
            else { return nil }
            if let pair = part.field { pairs.append(pair) }
            rest = rest[end.upperBound...]
        }
    }

    /// The first value of that name.
    subscript(name: String) -> String? {
        pairs.first { $0.name == name }?.value
    }

    private struct Part {
        /// nil: it is a file, or has no name.
        var field: FormFields.Pair?

        /// - Parameter content: from the end of the delimiter's line; headers, an empty line and the value.
        init?(_ content: ArraySlice<UInt8>) {
            guard let blank = content.firstRange(of: MultipartFields.blankLine) else { return nil }
            let value = String(decoding: content[blank.upperBound...], as: UTF8.self)
            for line in content[..<blank.lowerBound].split(separator: UInt8(ascii: "\n")) {
                let text = String(decoding: line, as: UTF8.self)
                guard text.lowercased().hasPrefix("content-disposition:") else { continue }
                let header = HeaderParameters(
                    String(text.dropFirst("content-disposition:".count).filter { $0 != "\r" }))
                guard header.value == "form-data", header.parameters["filename", default: ""].isEmpty,
                    let name = header.parameters["name"]
                else { continue }
                field = FormFields.Pair(name: name, value: value)
            }
        }
    }
}
