/// One row of the table of keys: everything that is known about a key, and the only place where it is said.
package struct ConfigurationKey: Sendable, Hashable {
    /// What the number counts.
    package enum Unit: String, Sendable, Hashable {
        case seconds
        case milliseconds
        case bytes
        case days
    }

    /// Whether setting the key does anything.
    package enum Effect: String, Sendable, Hashable {
        /// Read at start.
        case atStart
        /// Read at start, and safe to change while the process runs.
        case live
        /// Checked, and otherwise without effect.
        case fixed
        /// A key of the old program that has no meaning for this one: accepted with a warning.
        case none
    }

    /// The path: section, dot, name. Keys outside every section have no dot.
    package let path: String
    package let kind: ConfigurationKind
    package let standard: ConfigurationValue
    package let unit: Unit?
    /// What the key means, in a sentence.
    package let doc: String
    package let effect: Effect
    /// Whether the value is kept out of messages.
    package let isSecret: Bool
    /// The key whose value is taken when this one is not set, instead of `standard`.
    package let inherits: String?

    package init(
        _ path: String, _ kind: ConfigurationKind, _ standard: ConfigurationValue, unit: Unit? = nil,
        effect: Effect = .atStart, secret: Bool = false, inherits: String? = nil, _ doc: String
    ) {
        self.path = path
        self.kind = kind
        self.standard = standard
        self.unit = unit
        self.doc = doc
        self.effect = effect
        self.isSecret = secret
        self.inherits = inherits
    }

    /// The path of the section the key is in; empty outside every section.
    package var section: String { Self.split(path).section }
    /// The last part of the path.
    package var name: String { Self.split(path).name }

    /// The environment variable that overrides the file: `server.port` → `SCHEDULERD_SERVER_PORT`.
    package var variable: String {
        ConfigurationOverrides.prefix + path.uppercased().replacing(".", with: "_")
    }

    /// What is accepted, in words, with the unit.
    package var accepted: String {
        kind.accepted + (unit.map { " (\($0.rawValue))" } ?? "")
    }

    static func split(_ path: String) -> (section: String, name: String) {
        guard let dot = path.lastIndex(of: ".") else { return ("", path) }
        return (String(path[..<dot]), String(path[path.index(after: dot)...]))
    }
}
