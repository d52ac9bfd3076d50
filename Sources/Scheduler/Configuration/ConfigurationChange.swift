/// What becomes of the configuration in force when its files have changed.
package struct ConfigurationChange: Sendable {
    /// In force from now on: the old one with what can change live taken from the new one.
    package let loaded: Configuration.Loaded
    /// The paths of the keys that have another value from now on.
    package let applied: [String]
    /// The paths of the keys that will have another value after a restart.
    package let pending: [String]

    package var isEmpty: Bool { applied.isEmpty && pending.isEmpty }

    /// - Parameters:
    ///   - current: in force.
    ///   - new: what the files say now.
    /// - Throws: What of the new one contradicts keys that cannot change live.
    package init(from current: Configuration.Loaded, to new: Configuration.Loaded) throws(ConfigurationError) {
        var values = current.values
        for key in ConfigurationTable.keys where key.effect == .live { values.take(key, from: new.values) }
        let contradictions = ConfigurationRelations.contradictions(in: values)
        guard contradictions.isEmpty else { throw ConfigurationError(contradictions.map(\.untilRestart)) }
        loaded = Configuration.Loaded(values, warnings: new.warnings)
        applied = ConfigurationTable.keys.filter { $0.effect == .live && !current.values.agree(with: values, on: $0) }
            .map(\.path)
        pending = ConfigurationTable.keys.filter { $0.effect == .atStart && !values.agree(with: new.values, on: $0) }
            .map(\.path)
    }
}

extension ConfigurationError.Problem {
    fileprivate var untilRestart: Self {
        Self(origin, keyPath, problem + " that is in force until a restart", accepted: accepted)
    }
}
