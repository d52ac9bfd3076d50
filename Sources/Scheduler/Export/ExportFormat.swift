package import MySQL

/// How rows are written.
package enum ExportFormat: String, CaseIterable, Sendable {
    /// RFC 4180: CRLF after each line, a first line with the names; NULL is an empty field, empty text is `""`.
    case csv
    /// A JSON object a line. Labels are an object in it.
    case jsonl

    package func head(_ columns: [String]) -> [UInt8] {
        self == .csv ? Array((columns.joined(separator: ",") + "\r\n").utf8) : []
    }

    package func write(_ values: ArraySlice<SQLValue>, _ columns: [String], to bytes: inout [UInt8]) {
        switch self {
        case .csv:
            for (index, value) in values.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.field(value, to: &bytes)
            }
            bytes += [0x0D, 0x0A]
        case .jsonl:
            var writer = JSONWriter()
            writer.object { writer in
                for (column, value) in zip(columns, values) { Self.member(column, value, &writer) }
            }
            bytes += writer.bytes
            bytes.append(0x0A)
        }
    }

    private static func field(_ value: SQLValue, to bytes: inout [UInt8]) {
        switch value {
        case .null: break
        case .text(let text): quote(text.utf8, to: &bytes)
        case .bytes(let content): quote(content, to: &bytes)
        default: bytes += plain(value).utf8
        }
    }

    private static func quote(_ content: some Collection<UInt8>, to bytes: inout [UInt8]) {
        let special: Set<UInt8> = [UInt8(ascii: ","), UInt8(ascii: "\""), 0x0D, 0x0A]
        guard content.isEmpty || content.contains(where: special.contains) else {
            bytes += content
            return
        }
        bytes.append(UInt8(ascii: "\""))
        for byte in content {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func member(_ name: String, _ value: SQLValue, _ writer: inout JSONWriter) {
        switch value {
        case .null: writer.member(name, JSONValue.null)
        case .text(let text):
            if name == "labels" { writer.member(name, json: text) } else { writer.member(name, text) }
        case .bytes(let content): writer.member(name, String(decoding: content, as: UTF8.self))
        case .time(let time): writer.member(name, time.rfc3339)
        default: writer.member(name, number: plain(value))
        }
    }

    /// Numbers and times.
    private static func plain(_ value: SQLValue) -> String {
        switch value {
        case .integer(let number): "\(number)"
        case .unsigned(let number): "\(number)"
        case .double(let number): Int64(exactly: number).map { "\($0)" } ?? "\(number)"
        case .time(let time): time.rfc3339
        case .null, .text, .bytes: ""
        }
    }
}
