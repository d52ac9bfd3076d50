import Transfer

/// The values that were set, with where each comes from, and the table's defaults behind them.
///
/// The typed accessors are for keys that the table declares with that type; anything else is a mistake in this
/// folder, which every test that loads a configuration finds.
package struct ConfigurationValues: Sendable {
    private var set: [String: (value: ConfigurationValue, origin: ConfigurationOrigin)] = [:]
    /// Keys whose value was refused: nothing can be said about how they agree with others.
    private(set) var refused: Set<String> = []

    package init() {}

    mutating func set(_ key: ConfigurationKey, to value: ConfigurationValue, from origin: ConfigurationOrigin) {
        set[key.path] = (value, origin)
    }

    mutating func unset(_ key: ConfigurationKey) {
        set[key.path] = nil
    }

    mutating func refuse(_ key: ConfigurationKey) {
        refused.insert(key.path)
    }

    /// Where the value of a key comes from.
    func origin(_ path: String) -> ConfigurationOrigin {
        set[path]?.origin ?? .table
    }

    /// Whether any key of a section is set.
    func isPresent(section: String) -> Bool {
        set.keys.contains { $0.hasPrefix(section + ".") }
    }

    /// Whether a key has a value of its own.
    func isSet(_ path: String) -> Bool {
        set[path] != nil
    }

    func value(_ path: String) -> ConfigurationValue {
        if let value = set[path]?.value { return value }
        let key = key(path)
        return key.inherits.map(value) ?? key.standard
    }

    func integer(_ path: String) -> Int {
        guard case .integer(let number) = value(path) else { preconditionFailure("\(path) is not a number") }
        return number
    }

    func text(_ path: String) -> String {
        guard case .text(let text) = value(path) else { preconditionFailure("\(path) is not a text") }
        return text
    }

    /// A text, `nil` when it is empty.
    func textIfSet(_ path: String) -> String? {
        let text = text(path)
        return text.isEmpty ? nil : text
    }

    func list(_ path: String) -> [String] {
        guard case .list(let elements) = value(path) else { preconditionFailure("\(path) is not a list") }
        return elements
    }

    func entries(_ path: String) -> [ConfigurationEntry] {
        guard case .entries(let entries) = value(path) else { preconditionFailure("\(path) is not a list of entries") }
        return entries
    }

    /// A time, by the key's unit.
    func duration(_ path: String) -> Duration {
        let number = integer(path)
        switch key(path).unit {
        case .milliseconds: return .milliseconds(number)
        case .seconds: return .seconds(number)
        case .bytes, .days, nil: preconditionFailure("\(path) is not a time")
        }
    }

    /// A time that is without limit when it is zero.
    func durationIfSet(_ path: String) -> Duration? {
        let duration = duration(path)
        return duration == .zero ? nil : duration
    }

    func choice<Choice: RawRepresentable<String>>(_ path: String) -> Choice {
        guard let choice = Choice(rawValue: text(path)) else { preconditionFailure("\(path) has an unknown choice") }
        return choice
    }

    func addressRanges(_ path: String) -> [AddressRange] {
        list(path).compactMap { AddressRange($0) }
    }

    private func key(_ path: String) -> ConfigurationKey {
        guard let key = ConfigurationTable.key(path) else { preconditionFailure("\(path) is not in the table") }
        return key
    }
}
