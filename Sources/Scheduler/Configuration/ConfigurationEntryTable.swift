/// What the entries of a list of mappings may hold: a small table of keys of their own.
package struct ConfigurationEntryTable: Sendable, Hashable {
    /// One key of an entry.
    package struct Field: Sendable, Hashable {
        package let key: ConfigurationKey
        /// What holds without the key, in words; `nil`: every entry must have it.
        package let otherwise: String?
        /// The value in the reference file.
        package let example: ConfigurationValue

        var isRequired: Bool { otherwise == nil }

        /// A key that every entry has.
        static func required(
            _ name: String, _ kind: ConfigurationKind, secret: Bool = false, example: ConfigurationValue, _ doc: String
        ) -> Field {
            Field(key: ConfigurationKey(name, kind, "", secret: secret, doc), otherwise: nil, example: example)
        }

        /// A key that may be left out.
        static func optional(
            _ name: String, _ kind: ConfigurationKind, otherwise: String, unit: ConfigurationKey.Unit? = nil,
            secret: Bool = false, example: ConfigurationValue, _ doc: String
        ) -> Field {
            Field(
                key: ConfigurationKey(name, kind, "", unit: unit, secret: secret, doc), otherwise: otherwise,
                example: example)
        }

        /// A key of an old program that has no meaning for this one.
        static func unused(_ name: String, secret: Bool = false) -> Field {
            Field(
                key: ConfigurationKey(name, .text(.line), "", effect: .none, secret: secret, ""), otherwise: "nothing",
                example: "")
        }
    }

    package let fields: [Field]

    init(_ fields: [Field]) {
        self.fields = fields
    }

    /// More entries than anyone writes.
    static let maximum = 1000

    func field(_ name: String) -> Field? {
        fields.first { $0.key.name == name }
    }

    /// The keys that have meaning.
    var names: [String] {
        fields.filter { $0.key.effect != .none }.map(\.key.name)
    }

    /// What is accepted as the list, in words.
    var accepted: String {
        let required = fields.filter(\.isRequired).map(\.key.name).joined(separator: " and ")
        let others = fields.filter { !$0.isRequired }.map(\.key.name).joined(separator: ", ")
        return "a list of entries, each with \(required), and if need be \(others)"
    }
}
