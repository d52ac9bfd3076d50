#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Where the configuration of a process comes from: read at its start, and again while it runs.
public struct ConfigurationInput: Sendable {
    /// The path of a YAML file; `nil`: the defaults.
    public var file: String?
    /// The path of the JSON file of delayQS, which gives one more entry of `intake.sources`.
    public var delayQSFile: String?
    /// All variables of the process; those that begin with `SCHEDULERD_` are used, over the file.
    public var environment: [String: String]
    /// What the command line sets, over all else.
    public var options: [Option]

    /// A key that the command line sets.
    public struct Option: Sendable {
        /// The path of the key.
        let path: String
        /// What messages call it: `--roles`.
        let name: String
        let value: String

        /// - Parameter path: of a key in the table.
        public init(_ path: String, _ name: String, _ value: String) {
            self.path = path
            self.name = name
            self.value = value
        }
    }

    public init(
        file: String?, delayQSFile: String? = nil, environment: [String: String] = [:], options: [Option] = []
    ) {
        self.file = file
        self.delayQSFile = delayQSFile
        self.environment = environment
        self.options = options
    }

    /// Reads and checks everything.
    /// - Throws: Every problem together.
    public func load() throws(ConfigurationError) -> Configuration.Loaded {
        try check(read())
    }

    /// What the files hold at a moment.
    package struct Content: Sendable, Equatable {
        package var file: FileContent?
        package var delayQSFile: FileContent?

        package init(file: FileContent?, delayQSFile: FileContent? = nil) {
            self.file = file
            self.delayQSFile = delayQSFile
        }
    }

    package enum FileContent: Sendable, Equatable {
        case bytes([UInt8])
        /// Why not, in words.
        case unreadable(String)
    }

    /// What the files hold now.
    package func read() -> Content {
        Content(file: file.map(Self.read), delayQSFile: delayQSFile.map(Self.read))
    }

    /// Checks what the files held, with the environment and the command line over it.
    /// - Throws: Every problem together.
    package func check(_ content: Content) throws(ConfigurationError) -> Configuration.Loaded {
        var values = ConfigurationValues()
        var problems: [ConfigurationError.Problem] = []
        var warnings: [String] = []
        if let document = document(file, content.file, nil, &problems, &warnings) { values = document.values }
        let overrides = ConfigurationOverrides(environment, options, into: &values)
        problems += overrides.problems
        warnings += overrides.warnings
        let delayQS = document(delayQSFile, content.delayQSFile, DelayQSFile.table, &problems, &warnings)
        if let entry = delayQS?.entry { values.addSource(DelayQSFile.source(entry)) }
        problems += ConfigurationRelations.contradictions(in: values)
        guard problems.isEmpty else { throw ConfigurationError(problems) }
        return Configuration.Loaded(values, warnings: warnings)
    }

    private func document(
        _ name: String?, _ content: FileContent?, _ table: ConfigurationEntryTable?,
        _ problems: inout [ConfigurationError.Problem], _ warnings: inout [String]
    ) -> ConfigurationDocument? {
        guard let name, let content else { return nil }
        switch content {
        case .bytes(let bytes):
            let document = ConfigurationDocument(bytes, name: name, table: table)
            problems += document.problems
            warnings += document.warnings
            return document
        case .unreadable(let reason):
            problems.append(ConfigurationError.Problem(.file(name, nil), "", "cannot be read: \(reason)"))
            return nil
        }
    }

    /// More than anyone writes.
    private static let longestFile = 4 << 20

    private static func read(_ file: String) -> FileContent {
        do {
            let data = try Data(contentsOf: URL(filePath: file))
            return data.count <= longestFile ? .bytes(Array(data)) : .unreadable("longer than \(longestFile) bytes")
        } catch {
            return .unreadable(reason(error))
        }
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
