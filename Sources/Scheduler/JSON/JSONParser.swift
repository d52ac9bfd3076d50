/// Reads JSON strictly: nothing but RFC 8259, in UTF-8 without a byte order mark, no member twice, bounded nesting.
///
/// Foundation's decoder stops at the first fault of a document, takes the last of duplicate members and does not say
/// where a fault is; and it is the dearest part of accepting a task.
package struct JSONParser {
    /// A task needs three.
    private static let deepest = 16
    /// From here on duplicates are looked up rather than compared one by one.
    private static let manyMembers = 16

    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    package static func parse(_ bytes: [UInt8]) throws(JSONFault) -> JSONValue {
        var parser = JSONParser(bytes)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw parser.fault("a byte order mark is not allowed") }
        parser.skipBlanks()
        let value = try parser.value()
        parser.skipBlanks()
        guard parser.position == bytes.count else { throw parser.fault("nothing may follow the document") }
        return value
    }

    // MARK: Values

    private mutating func value() throws(JSONFault) -> JSONValue {
        guard position < bytes.count else { throw fault("the document ends where a value is expected") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return .object(try object())
        case UInt8(ascii: "["): return .array(try array())
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: throw fault("a value is expected")
        }
    }

    private mutating func literal(_ word: StaticString, _ value: JSONValue) throws(JSONFault) -> JSONValue {
        for offset in 0..<word.utf8CodeUnitCount {
            guard position + offset < bytes.count, bytes[position + offset] == word.utf8Start[offset] else {
                throw fault("a value is expected")
            }
        }
        position += word.utf8CodeUnitCount
        return value
    }

    private mutating func object() throws(JSONFault) -> [JSONMember] {
        try enter()
        var members: [JSONMember] = []
        var names: Set<String> = []
        skipBlanks()
        if take(UInt8(ascii: "}")) {
            depth -= 1
            return members
        }
        while true {
            skipBlanks()
            let start = position
            guard current == UInt8(ascii: "\"") else { throw fault("a member name in double quotes is expected") }
            let name = try string()
            if isTaken(name, members, &names) {
                throw fault("the member \"\(name.prefix(100))\" is there twice", at: start)
            }
            skipBlanks()
            guard take(UInt8(ascii: ":")) else { throw fault("':' is expected") }
            skipBlanks()
            members.append(JSONMember(name, try value()))
            skipBlanks()
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "}")) else { throw fault("',' or '}' is expected") }
            depth -= 1
            return members
        }
    }

    private func isTaken(_ name: String, _ members: [JSONMember], _ names: inout Set<String>) -> Bool {
        if members.count < Self.manyMembers { return members.contains { $0.name == name } }
        if names.isEmpty { names = Set(members.map(\.name)) }
        return !names.insert(name).inserted
    }

    private mutating func array() throws(JSONFault) -> [JSONValue] {
        try enter()
        var elements: [JSONValue] = []
        skipBlanks()
        if take(UInt8(ascii: "]")) {
            depth -= 1
            return elements
        }
        while true {
            skipBlanks()
            elements.append(try value())
            skipBlanks()
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "]")) else { throw fault("',' or ']' is expected") }
            depth -= 1
            return elements
        }
    }

    private mutating func enter() throws(JSONFault) {
        guard depth < Self.deepest else { throw fault("values are nested more than \(Self.deepest) deep") }
        depth += 1
        position += 1
    }

    private mutating func number() throws(JSONFault) -> String {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if take(UInt8(ascii: "0")) {
            if isDigit(current) { throw fault("a number does not begin with 0") }
        } else {
            try digits()
        }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func digits() throws(JSONFault) {
        guard isDigit(current) else { throw fault("a digit is expected") }
        while isDigit(current) { position += 1 }
    }

    private func isDigit(_ byte: UInt8?) -> Bool {
        guard let byte else { return false }
        return byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    // MARK: Strings

    private mutating func string() throws(JSONFault) -> String {
        position += 1
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                let text = try decode(bytes[start..<position])
                position += 1
                return text
            case UInt8(ascii: "\\"): return try escapedString(from: start)
            case 0..<0x20: throw fault("a control character in a string must be escaped")
            default: position += 1
            }
        }
        throw fault("the document ends within a string")
    }

    /// The slow way, from the first backslash on.
    private mutating func escapedString(from start: Int) throws(JSONFault) -> String {
        var content = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                let end = position
                guard let text = String(validating: content, as: UTF8.self) else {
                    // The fault is in the raw bytes, whose position is known.
                    _ = try decode(bytes[start..<end])
                    throw fault("a string is not UTF-8", at: start)
                }
                position += 1
                return text
            case UInt8(ascii: "\\"): try escape(into: &content)
            case 0..<0x20: throw fault("a control character in a string must be escaped")
            default:
                content.append(byte)
                position += 1
            }
        }
        throw fault("the document ends within a string")
    }

    private mutating func escape(into content: inout [UInt8]) throws(JSONFault) {
        let start = position
        position += 1
        guard let byte = current else { throw fault("the document ends within a string") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"):
            var unit = try hexadecimal(from: start)
            if unit & 0xFC00 == 0xD800, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
                let low = try hexadecimal(from: start)
                if low & 0xFC00 == 0xDC00 { unit = 0x10000 + (unit & 0x3FF) << 10 + low & 0x3FF }
            }
            guard let scalar = Unicode.Scalar(unit) else {
                throw fault("half of a surrogate pair is not a character", at: start)
            }
            content.append(contentsOf: UTF8.encode(scalar)!)
        default: throw fault("unknown escape in a string", at: start)
        }
    }

    private mutating func hexadecimal(from start: Int) throws(JSONFault) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw fault("\\u needs four hexadecimal digits", at: start)
            }
            unit = unit << 4 | UInt32(digit)
            position += 1
        }
        return unit
    }

    private func decode(_ content: ArraySlice<UInt8>) throws(JSONFault) -> String {
        guard let text = String(validating: content, as: UTF8.self) else {
            var length = 0
            // The longest part that is sound, found by halving.
            var bound = content.count
            while length < bound {
                let middle = (length + bound + 1) / 2
                if isPrefixSound(content.prefix(middle)) { length = middle } else { bound = middle - 1 }
            }
            throw fault("a string is not UTF-8", at: content.startIndex + length)
        }
        return text
    }

    /// Whether nothing but a character that was cut off is wrong with it.
    private func isPrefixSound(_ content: ArraySlice<UInt8>) -> Bool {
        String(validating: UTF8Text.withoutCutCharacter(content), as: UTF8.self) != nil
    }

    // MARK: Bytes

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipBlanks() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private func fault(_ message: String) -> JSONFault { fault(message, at: position) }

    private func fault(_ message: String, at position: Int) -> JSONFault {
        let before = bytes[..<min(position, bytes.count)]
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return JSONFault(
            message: message, line: 1 + before.count { $0 == 0x0A }, column: before.endIndex - lineStart + 1)
    }
}
