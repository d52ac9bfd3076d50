/// A JSON object as Go's `encoding/json` reads it into a struct, which is how the old programs read.
///
/// A general decoder differs from it where producers and receivers are careless: bytes that are not UTF-8 in a string, a
/// key given twice, a key in another case, a value nested deeper than most decoders go.
struct GoJSON {
    /// In order, each with its key as Go compares it and the bytes of its value.
    private(set) var members: [(key: String, value: ArraySlice<UInt8>)] = []
    private let bytes: [UInt8]
    private var index = 0

    /// Go's bound on nesting, which counts the outermost object.
    private static let maxDepth = 10_000

    /// nil: Go gives an error, or it is no object.
    init?(_ bytes: [UInt8]) {
        self.bytes = bytes
        skipSpace()
        guard take("{") else { return nil }
        skipSpace()
        if !take("}") {
            repeat {
                guard let key = key() else { return nil }
                let start = index
                guard skipValue() else { return nil }
                let end = bytes[start..<index].lastIndex { !Self.isSpace($0) }!
                members.append((Self.folded(key), bytes[start...end]))
            } while take(",")
            guard take("}") else { return nil }
        }
        skipSpace()
        guard index == bytes.count else { return nil }
    }

    /// The value of a field of the struct: the last that is given and not null, which leaves a field as it is.
    subscript(name: String) -> ArraySlice<UInt8>? {
        members.last { $0.key == name && $0.value.first != UInt8(ascii: "n") }?.value
    }

    /// The text of a value that is a string; nil for other values.
    static func text(_ value: ArraySlice<UInt8>) -> String? {
        guard value.first == UInt8(ascii: "\"") else { return nil }
        var reader = GoJSON(content: Array(value))
        return reader.string()
    }

    private init(content: [UInt8]) {
        bytes = content
    }

    /// Keys are compared by Unicode's simple case folding, which has a second small s and a second large K.
    private static func folded(_ key: String) -> String {
        if key.utf8.allSatisfy({ (0x5B...0x7F).contains($0) }) { return key }
        return String(String.UnicodeScalarView(key.unicodeScalars.map(\.folded)))
    }

    // MARK: Values

    /// Passes over a value and the space after it.
    private mutating func skipValue() -> Bool {
        var closers: [UInt8] = []
        while true {
            skipSpace()
            if take("{") {
                closers.append(UInt8(ascii: "}"))
                skipSpace()
                if next != UInt8(ascii: "}") {
                    guard key() != nil else { return false }
                    continue
                }
            } else if take("[") {
                closers.append(UInt8(ascii: "]"))
                skipSpace()
                if next != UInt8(ascii: "]") { continue }
            } else if !skipScalar() {
                return false
            }
            guard closers.count < Self.maxDepth else { return false }
            // A value has ended, and with it perhaps what it stands in.
            skipSpace()
            while let closer = closers.last, next == closer {
                index += 1
                closers.removeLast()
                skipSpace()
            }
            guard let closer = closers.last else { return true }
            guard take(",") else { return false }
            if closer == UInt8(ascii: "}"), key() == nil { return false }
        }
    }

    private mutating func skipScalar() -> Bool {
        switch next {
        case UInt8(ascii: "\""): string() != nil
        case UInt8(ascii: "t"): literal("true")
        case UInt8(ascii: "f"): literal("false")
        case UInt8(ascii: "n"): literal("null")
        default: number()
        }
    }

    private mutating func literal(_ word: String) -> Bool {
        guard bytes[index...].starts(with: word.utf8) else { return false }
        index += word.utf8.count
        return true
    }

    private mutating func number() -> Bool {
        _ = take("-")
        if !take("0") {
            guard digits() else { return false }
        }
        if take("."), !digits() { return false }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            return digits()
        }
        return true
    }

    private mutating func digits() -> Bool {
        let start = index
        while let digit = next, (48...57).contains(digit) { index += 1 }
        return index > start
    }

    // MARK: Strings

    /// A key, the colon after it and the space around.
    private mutating func key() -> String? {
        skipSpace()
        guard let key = string() else { return nil }
        skipSpace()
        guard take(":") else { return nil }
        skipSpace()
        return key
    }

    /// Bytes that are not UTF-8 stand for U+FFFD, as do halves of surrogate pairs.
    private mutating func string() -> String? {
        guard take("\"") else { return nil }
        var content: [UInt8] = []
        while let byte = next {
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: content, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let escaped = escape() else { return nil }
                content.append(contentsOf: escaped.utf8)
            case 0..<0x20: return nil
            default: content.append(byte)
            }
        }
        return nil
    }

    private mutating func escape() -> String? {
        guard let byte = next else { return nil }
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return String(UnicodeScalar(byte))
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            guard let unit = codeUnit() else { return nil }
            if let scalar = UnicodeScalar(unit) { return String(scalar) }
            // The first half of a pair counts only with its second half after it.
            let before = index
            if unit < 0xDC00, take("\\"), take("u"), let second = codeUnit(), (0xDC00..<0xE000).contains(second) {
                return String(UnicodeScalar(0x10000 + (unit - 0xD800) << 10 + (second - 0xDC00))!)
            }
            index = before
            return "\u{FFFD}"
        default: return nil
        }
    }

    private mutating func codeUnit() -> UInt32? {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = next.flatMap({ Character(UnicodeScalar($0)).hexDigitValue }) else { return nil }
            index += 1
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    // MARK: Bytes

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func take(_ character: UnicodeScalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = next, Self.isSpace(byte) { index += 1 }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }
}

extension UnicodeScalar {
    fileprivate var folded: UnicodeScalar {
        switch self {
        case "A"..."Z": UnicodeScalar(UInt8(value) + 32)
        case "\u{17F}": "s"
        case "\u{212A}": "k"
        default: self
        }
    }
}
