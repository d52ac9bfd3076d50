/// Steps through JSON that others wrote, without building it and without recursion: as Go's `encoding/json` does.
///
/// A general decoder differs from it where people are careless: bytes that are not UTF-8 in a string, a value nested
/// deeper than most decoders go.
struct JSONScanner {
    private let bytes: ArraySlice<UInt8>
    private(set) var index: Int

    /// Go's bound on nesting, which counts the outermost value.
    private static let maxDepth = 10_000

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        index = bytes.startIndex
    }

    /// Whether the bytes are one value, with nothing but blanks around.
    static func isDocument(_ bytes: [UInt8]) -> Bool {
        var scanner = JSONScanner(bytes[...])
        guard scanner.skipValue() else { return false }
        scanner.skipBlanks()
        return scanner.isAtEnd
    }

    /// The content of a string in quotes; nil: it is none.
    static func string(_ bytes: ArraySlice<UInt8>) -> String? {
        var scanner = JSONScanner(bytes)
        return scanner.string()
    }

    var isAtEnd: Bool { index == bytes.endIndex }

    /// The byte that comes; nil at the end.
    var next: UInt8? { index < bytes.endIndex ? bytes[index] : nil }

    // MARK: Values

    /// The bytes of the value that comes, after blanks; nil: there is no sound one.
    mutating func value() -> ArraySlice<UInt8>? {
        skipBlanks()
        let start = index
        guard skipValue() else { return nil }
        var end = index
        while Self.isBlank(bytes[end - 1]) { end -= 1 }
        return bytes[start..<end]
    }

    /// Passes over a value and the blanks before and after it.
    mutating func skipValue() -> Bool {
        var closers: [UInt8] = []
        while true {
            skipBlanks()
            if take("{") {
                closers.append(UInt8(ascii: "}"))
                skipBlanks()
                if next != UInt8(ascii: "}") {
                    guard key() != nil else { return false }
                    continue
                }
            } else if take("[") {
                closers.append(UInt8(ascii: "]"))
                skipBlanks()
                if next != UInt8(ascii: "]") { continue }
            } else if !skipScalar() {
                return false
            }
            guard closers.count < Self.maxDepth else { return false }
            // A value has ended, and with it perhaps what it stands in.
            skipBlanks()
            while let closer = closers.last, next == closer {
                index += 1
                closers.removeLast()
                skipBlanks()
            }
            guard let closer = closers.last else { return true }
            guard take(",") else { return false }
            if closer == UInt8(ascii: "}"), key() == nil { return false }
        }
    }

    private mutating func skipScalar() -> Bool {
        switch next {
        case UInt8(ascii: "\""): skipString()
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

    /// A key, the colon after it and the blanks around.
    mutating func key() -> String? {
        skipBlanks()
        guard let key = string() else { return nil }
        skipBlanks()
        guard take(":") else { return nil }
        skipBlanks()
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

    private mutating func skipString() -> Bool {
        guard take("\"") else { return false }
        while let byte = next {
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return true
            case UInt8(ascii: "\\"):
                guard escape() != nil else { return false }
            case 0..<0x20: return false
            default: break
            }
        }
        return false
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
        case UInt8(ascii: "u"): return codePoint()
        default: return nil
        }
    }

    /// What follows `\u`; a pair of surrogates is one code point.
    private mutating func codePoint() -> String? {
        guard let unit = hexadecimal() else { return nil }
        if unit & 0xFC00 == 0xD800 {
            let end = index
            if take("\\"), take("u"), let low = hexadecimal(), low & 0xFC00 == 0xDC00,
                let scalar = UnicodeScalar(0x10000 + (unit & 0x3FF) << 10 + low & 0x3FF)
            {
                return String(scalar)
            }
            index = end
        }
        return String(UnicodeScalar(unit) ?? "\u{FFFD}" as UnicodeScalar)
    }

    private mutating func hexadecimal() -> UInt32? {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = next.flatMap({ Character(UnicodeScalar($0)).hexDigitValue }) else { return nil }
            index += 1
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    // MARK: Bytes

    mutating func take(_ character: UnicodeScalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    mutating func skipBlanks() {
        while let byte = next, Self.isBlank(byte) { index += 1 }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }
}
