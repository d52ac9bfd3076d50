extension Configuration {
    /// A configuration that was checked, and what an operator should know about it.
    public struct Loaded: Sendable, Equatable {
        public var configuration: Configuration
        /// Each with its place: keys of the old programs that have no meaning.
        public var warnings: [String]
        /// What the configuration is made of.
        let values: ConfigurationValues

        init(_ values: ConfigurationValues, warnings: [String]) {
            configuration = Configuration(values)
            self.values = values
            self.warnings = warnings
        }
    }

    /// Reads a file and the environment: see `ConfigurationInput`.
    public static func load(file: String?, environment: [String: String]) throws(ConfigurationError) -> Loaded {
        try ConfigurationInput(file: file, environment: environment).load()
    }

    /// Reads a configuration from a text.
    ///
    /// - Parameters:
    ///   - yaml: What a file would hold.
    ///   - name: What messages call it.
    ///   - environment: As for `load(file:environment:)`.
    /// - Throws: Every problem of text and environment together.
    public static func load(yaml: String, name: String, environment: [String: String] = [:])
        throws(ConfigurationError) -> Loaded
    {
        try ConfigurationInput(file: name, environment: environment)
            .check(ConfigurationInput.Content(file: .bytes(Array(yaml.utf8))))
    }
}
