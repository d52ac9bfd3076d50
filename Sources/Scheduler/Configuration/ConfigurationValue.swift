/// The value of one key, in the form its row of the table asks for.
///
/// Times and sizes are integers in the key's unit. Lists keep their elements as written.
package enum ConfigurationValue: Sendable, Hashable {
    case integer(Int)
    case text(String)
    case list([String])
    case entries([ConfigurationEntry])

    /// The value as it is written in the configuration file.
    package var yaml: String {
        switch self {
        case .integer(let number): String(number)
        case .text(let text): Self.scalar(text)
        case .list(let elements): "[" + elements.map(Self.scalar).joined(separator: ", ") + "]"
        case .entries(let entries): "[" + entries.map(\.yaml).joined(separator: ", ") + "]"
        }
    }

    /// Quotes a text unless YAML reads it as the same text without quotes.
    private static func scalar(_ text: String) -> String {
        let plain = text.unicodeScalars.allSatisfy {
            ConfigurationTextRule.isLetterOrDigit($0) || "._-/".unicodeScalars.contains($0)
        }
        let startsWell = text.unicodeScalars.first.map {
            ConfigurationTextRule.isLetterOrDigit($0) || $0 == "/"
        }
        if plain, startsWell == true, text.lowercased() != "null" { return text }
        let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "\"" + escaped + "\""
    }
}

extension ConfigurationValue: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral {
    package init(integerLiteral value: Int) { self = .integer(value) }
    package init(stringLiteral value: String) { self = .text(value) }
    package init(arrayLiteral elements: String...) { self = .list(elements) }
}
