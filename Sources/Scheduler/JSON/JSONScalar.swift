/// A JSON value that holds no others. A number is its text, as it was written.
public enum JSONScalar: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
}

extension JSONScalar {
    /// nil: an array or an object.
    package init?(_ value: JSONValue) {
        switch value {
        case .null: self = .null
        case .bool(let flag): self = .bool(flag)
        case .number(let text): self = .number(text)
        case .string(let text): self = .string(text)
        case .array, .object: return nil
        }
    }

    package var value: JSONValue {
        switch self {
        case .null: .null
        case .bool(let flag): .bool(flag)
        case .number(let text): .number(text)
        case .string(let text): .string(text)
        }
    }

    /// Whether a value in a document is the same: numbers by what they amount to, strings code point by code point.
    /// - Parameter bytes: a sound JSON value without blanks around.
    package func equals(_ bytes: ArraySlice<UInt8>) -> Bool {
        switch self {
        case .null: bytes.elementsEqual("null".utf8)
        case .bool(let flag): bytes.elementsEqual((flag ? "true" : "false").utf8)
        case .number(let text): Self.isNumber(bytes) && JSONNumber(text.utf8) == JSONNumber(bytes)
        case .string(let text):
            bytes.first == UInt8(ascii: "\"")
                && JSONScanner.string(bytes).map { $0.utf8.elementsEqual(text.utf8) } ?? false
        }
    }

    private static func isNumber(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.first.map { $0 == UInt8(ascii: "-") || (0x30...0x39).contains($0) } ?? false
    }
}
