import Transfer

/// The values that were set, with where each comes from, and the table's defaults behind them.
///
/// The typed accessors are for keys that the table declares with that type; anything else is a mistake in this
/// folder, which every test that loads a configuration finds.
package struct ConfigurationValues: Sendable, Equatable {
    private var set: [String: Setting] = [:]
    /// Keys whose value was refused: nothing can be said about how they agree with others.
    private(set) var refused: Set<String> = []

    private struct Setting: Sendable, Equatable {
        let value: ConfigurationValue
        let origin: ConfigurationOrigin
    }

    package init() {}

    mutating func set(_ key: ConfigurationKey, to value: ConfigurationValue, from origin: ConfigurationOrigin) {
        set[key.path] = Setting(value: value, origin: origin)
    }

    mutating func unset(_ key: ConfigurationKey) {
        set[key.path] = nil
    }

    /// Takes a key as it is set, or not set, in other values.
    mutating func take(_ key: ConfigurationKey, from other: ConfigurationValues) {
        set[key.path] = other.set[key.path]
    }

    /// Whether a key means the same in other values, wherever it is set.
    func agree(with other: ConfigurationValues, on key: ConfigurationKey) -> Bool {
        let (isHere, isThere) = (isSet(key.path), other.isSet(key.path))
        if case .entries = key.kind, isHere != isThere { return false }
        // The key that it inherits from speaks for it.
        if key.inherits != nil, !isHere, !isThere { return true }
        return value(key.path) == other.value(key.path)
    }

    /// Adds an entry to `intake.sources`, beside the one that holds without the key.
    mutating func addSource(_ entry: ConfigurationEntry) {
        let path = "intake.sources"
        let before = isSet(path) ? entries(path) : [Configuration.Source.standardEntry(self)]
        set[path] = Setting(value: .entries(before + [entry]), origin: entry.origin("key"))
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
