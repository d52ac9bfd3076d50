/// Reads an answer as delay_queue does: Go's `encoding/json` into `struct { Success bool }`.
///
/// A general decoder differs from it where receivers are careless: bytes that are not UTF-8 in a message, a key given
/// twice, a key in another case, a nested value deeper than most decoders go.
struct LegacyAnswer {
    private let bytes: [UInt8]
    private var index = 0

    /// Go's bound on nesting, which counts the outermost object.
    private static let maxDepth = 10_000

    static func saysSuccess(_ bytes: [UInt8]) -> Bool {
        var answer = LegacyAnswer(bytes: bytes)
        return answer.read() ?? false
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// nil: Go gives an error.
    private mutating func read() -> Bool? {
        var success = false
        var hasWrongType = false
        skipSpace()
        guard take("{") else { return nil }
        skipSpace()
        if !take("}") {
            repeat {
                guard let key = key() else { return nil }
                let first = next
                guard skipValue() else { return nil }
                guard Self.folded(key) == "success" else { continue }
                switch first {
                case UInt8(ascii: "t"): success = true
                case UInt8(ascii: "f"): success = false
                // Null leaves a field as it is.
                case UInt8(ascii: "n"): break
                default: hasWrongType = true
                }
            } while take(",")
            guard take("}") else { return nil }
        }
        skipSpace()
        return index == bytes.count && !hasWrongType ? success : nil
    }

    /// Keys are compared by Unicode's simple case folding, which has a second small s.
    private static func folded(_ key: String) -> String {
        String(String.UnicodeScalarView(key.unicodeScalars.map { $0 == "\u{17F}" ? "s" : $0.asciiLowercased }))
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
            var value: UInt32 = 0
            for _ in 0..<4 {
                guard let digit = next.flatMap({ Character(UnicodeScalar($0)).hexDigitValue }) else { return nil }
                index += 1
                value = value << 4 | UInt32(digit)
            }
            return String(UnicodeScalar(value) ?? "\u{FFFD}" as UnicodeScalar)
        default: return nil
        }
    }

    // MARK: Bytes

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func take(_ character: UnicodeScalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { index += 1 }
    }
}

extension UnicodeScalar {
    fileprivate var asciiLowercased: UnicodeScalar {
        ("A"..."Z").contains(self) ? UnicodeScalar(UInt8(value) + 32) : self
    }
}
