/// A JSON object as Go's `encoding/json` reads it into a struct, which is how the old programs read: a key may be given
/// twice, and in another case.
struct GoJSON {
    /// In order, each with its key as Go compares it and the bytes of its value.
    private(set) var members: [(key: String, value: ArraySlice<UInt8>)] = []

    /// nil: Go gives an error, or it is no object.
    init?(_ bytes: [UInt8]) {
        var scanner = JSONScanner(bytes[...])
        scanner.skipBlanks()
        guard scanner.take("{") else { return nil }
        scanner.skipBlanks()
        if !scanner.take("}") {
            repeat {
                guard let key = scanner.key(), let value = scanner.value() else { return nil }
                members.append((Self.folded(key), value))
            } while scanner.take(",")
            guard scanner.take("}") else { return nil }
        }
        scanner.skipBlanks()
        guard scanner.isAtEnd else { return nil }
    }

    /// The value of a field of the struct: the last that is given and not null, which leaves a field as it is.
    subscript(name: String) -> ArraySlice<UInt8>? {
        members.last { $0.key == name && $0.value.first != UInt8(ascii: "n") }?.value
    }

    /// The text of a value that is a string; nil for other values.
    static func text(_ value: ArraySlice<UInt8>) -> String? {
        JSONScanner.string(value)
    }

    /// Keys are compared by Unicode's simple case folding, which has a second small s and a second large K.
    private static func folded(_ key: String) -> String {
        if key.utf8.allSatisfy({ (0x5B...0x7F).contains($0) }) { return key }
        return String(String.UnicodeScalarView(key.unicodeScalars.map(\.folded)))
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
