/// Pairs of a query string or of a form (`application/x-www-form-urlencoded`).
struct FormFields: Equatable {
    /// In the order in which they came.
    private(set) var pairs: [Pair] = []
    /// Whether something was left out because its percent-encoding is broken.
    private(set) var isBroken = false

    struct Pair: Equatable {
        var name: String
        var value: String
    }

    /// As Go's `net/url` reads them: a pair that cannot be decoded, or that holds a semicolon, is left out, the others
    /// count. Bytes that are not UTF-8 become U+FFFD.
    /// - Parameter splitsAtSemicolon: a semicolon separates pairs too, as in Go before 1.17.
    init(_ content: some Collection<UInt8>, splitsAtSemicolon: Bool = false) {
        let parts = content.split {
            $0 == UInt8(ascii: "&") || splitsAtSemicolon && $0 == UInt8(ascii: ";")
        }
        for part in parts {
            let equals = part.firstIndex(of: UInt8(ascii: "="))
            let name = Self.decode(part[..<(equals ?? part.endIndex)])
            let value = equals.map { Self.decode(part[part.index(after: $0)...]) } ?? ""
            guard let name, let value, !part.contains(UInt8(ascii: ";")) else {
                isBroken = true
                continue
            }
            pairs.append(Pair(name: name, value: value))
        }
    }

    /// The first value of that name.
    subscript(name: String) -> String? {
        pairs.first { $0.name == name }?.value
    }

    /// Percent and plus decoding; nil when a percent sign is not followed by two hexadecimal digits.
    static func decode(_ content: some Collection<UInt8>, plusIsBlank: Bool = true) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(content.count)
        var index = content.startIndex
        while index < content.endIndex {
            let byte = content[index]
            content.formIndex(after: &index)
            switch byte {
            case UInt8(ascii: "+") where plusIsBlank: bytes.append(0x20)
            case UInt8(ascii: "%"):
                var decoded: UInt8 = 0
                for _ in 0..<2 {
                    guard index < content.endIndex, let digit = hexadecimal(content[index]) else { return nil }
                    decoded = decoded << 4 | digit
                    content.formIndex(after: &index)
                }
                bytes.append(decoded)
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
