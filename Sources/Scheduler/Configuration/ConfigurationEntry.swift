/// One entry of a list of mappings: what its keys were set to, and where.
///
/// As with `ConfigurationValues`, asking for a key with another type than its table declares is a mistake in this folder.
/// Two entries are equal that say the same, wherever they stand.
package struct ConfigurationEntry: Sendable, Hashable {
    private let place: ConfigurationOrigin
    private var values: [String: ConfigurationValue] = [:]
    private var origins: [String: ConfigurationOrigin] = [:]

    init(at place: ConfigurationOrigin) {
        self.place = place
    }

    mutating func set(_ name: String, to value: ConfigurationValue, from origin: ConfigurationOrigin) {
        values[name] = value
        origins[name] = origin
    }

    func isSet(_ name: String) -> Bool {
        values[name] != nil
    }

    /// Where a key's value stands; where the entry begins when the key is not set.
    func origin(_ name: String) -> ConfigurationOrigin {
        origins[name] ?? place
    }

    func value(_ name: String) -> ConfigurationValue? {
        values[name]
    }

    /// A text; `nil` when it is empty or not set.
    func has(_ name: String) -> Bool { values[name] != nil }

    func text(_ name: String) -> String? {
        guard let value = values[name] else { return nil }
        guard case .text(let text) = value else { preconditionFailure("\(name) is not a text") }
        return text.isEmpty ? nil : text
    }

    func integer(_ name: String) -> Int? {
        guard let value = values[name] else { return nil }
        guard case .integer(let number) = value else { preconditionFailure("\(name) is not a number") }
        return number
    }

    func list(_ name: String) -> [String]? {
        guard let value = values[name] else { return nil }
        guard case .list(let elements) = value else { preconditionFailure("\(name) is not a list") }
        return elements
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.values == right.values
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(values)
    }

    /// The entry as it is written in one line of the configuration file.
    var yaml: String {
        let members = values.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.yaml)" }
        return "{" + members.joined(separator: ", ") + "}"
    }
}
