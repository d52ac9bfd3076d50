/// Writes JSON in the order in which it is told, straight into bytes.
package struct JSONWriter {
    package private(set) var bytes: [UInt8] = []
    /// Whether a comma must come before the next member or element.
    private var needsComma = false

    package init(capacity: Int = 512) {
        bytes.reserveCapacity(capacity)
    }

    // MARK: Structure

    package mutating func object(_ content: (inout JSONWriter) -> Void) {
        nest(UInt8(ascii: "{"), UInt8(ascii: "}"), content)
    }

    package mutating func object(_ name: String, _ content: (inout JSONWriter) -> Void) {
        member(name)
        object(content)
    }

    package mutating func array(_ name: String, _ content: (inout JSONWriter) -> Void) {
        member(name)
        nest(UInt8(ascii: "["), UInt8(ascii: "]"), content)
    }

    private mutating func nest(_ open: UInt8, _ close: UInt8, _ content: (inout JSONWriter) -> Void) {
        separate()
        bytes.append(open)
        needsComma = false
        content(&self)
        bytes.append(close)
        needsComma = true
    }

    // MARK: Members

    package mutating func member(_ name: String, _ value: String?) {
        member(name)
        if let value { string(value) } else { null() }
    }

    package mutating func member(_ name: String, _ value: Int?) {
        member(name)
        if let value { literal("\(value)") } else { null() }
    }

    package mutating func member(_ name: String, _ value: Bool) {
        member(name)
        literal(value ? "true" : "false")
    }

    package mutating func member(_ name: String, _ value: JSONValue) {
        member(name)
        self.value(value)
    }

    /// A value whose JSON the caller has.
    package mutating func member(_ name: String, json text: String) {
        member(name)
        literal(text)
    }

    /// A number whose text the caller made.
    package mutating func member(_ name: String, number text: String) {
        member(name)
        literal(text)
    }

    private mutating func member(_ name: String) {
        separate()
        needsComma = false
        quote(name)
        bytes.append(UInt8(ascii: ":"))
    }

    // MARK: Values

    package mutating func string(_ text: String) {
        separate()
        quote(text)
        needsComma = true
    }

    package mutating func literal(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
        needsComma = true
    }

    package mutating func null() { literal("null") }

    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let flag): literal(flag ? "true" : "false")
        case .number(let text): literal(text)
        case .string(let text): string(text)
        case .array(let elements):
            nest(UInt8(ascii: "["), UInt8(ascii: "]")) { writer in
                for element in elements { writer.value(element) }
            }
        case .object(let members):
            object { writer in
                for member in members {
                    writer.member(member.name)
                    writer.value(member.value)
                }
            }
        }
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { content in
            var start = 0
            for (index, byte) in content.enumerated() {
                guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
                bytes.append(contentsOf: content[start..<index])
                escape(byte)
                start = index + 1
            }
            bytes.append(contentsOf: content[start...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        default:
            let digits = Array("0123456789abcdef".utf8)
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 15)])
        }
    }
}
