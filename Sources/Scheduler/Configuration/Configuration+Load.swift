#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Configuration {
    /// A configuration that was checked, and what an operator should know about it.
    public struct Loaded: Sendable, Equatable {
        public var configuration: Configuration
        /// Each with its place: keys of the old program that have no meaning.
        public var warnings: [String]
    }

    /// Reads a file and the environment.
    ///
    /// - Parameters:
    ///   - file: The path of a YAML file; `nil` for the defaults with the environment over them.
    ///   - environment: All variables of the process; those that begin with `SCHEDULERD_` are used.
    /// - Throws: Every problem of file and environment together.
    public static func load(file: String?, environment: [String: String]) throws(ConfigurationError) -> Loaded {
        guard let file else { return try load(bytes: [], name: "", environment: environment) }
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: file))
        } catch {
            throw ConfigurationError([
                ConfigurationError.Problem(.file(file, nil), "", "cannot be read: \(reason(error))")
            ])
        }
        return try load(bytes: data, name: file, environment: environment)
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
        try load(bytes: yaml.utf8, name: name, environment: environment)
    }

    private static func load(bytes: some Sequence<UInt8>, name: String, environment: [String: String])
        throws(ConfigurationError) -> Loaded
    {
        let document = ConfigurationDocument(bytes, name: name)
        var values = document.values
        let variables = ConfigurationEnvironment(environment, into: &values)
        let problems =
            document.problems + variables.problems + ConfigurationRelations.contradictions(in: values)
        guard problems.isEmpty else { throw ConfigurationError(problems) }
        return Loaded(configuration: Configuration(values), warnings: document.warnings + variables.warnings)
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? CocoaError else { return "\(error)" }
        return switch error.code {
        case .fileReadNoSuchFile, .fileNoSuchFile: "no such file"
        case .fileReadNoPermission: "permission denied"
        default: error.underlying.map { "\($0)" } ?? "\(error)"
        }
    }
}
