package import Digests
public import MySQL

/// A destination in the database: its settings, and whether it is called.
public struct DestinationRecord: Sendable, Equatable {
    public var id: Int
    /// Scheme, host and port, and how the path begins when it is for that only.
    public var url: String
    public var settings: Settings
    /// Not called since then; nil: it is not paused.
    public var pausedAt: Timestamp?
    public var pauseReason: String?
    /// It is paused because it had failed for long, not by a person.
    public var pausesItself = false
    /// Until then no instance calls it, because it fails.
    public var openUntil: Timestamp?
    /// It has not worked since then.
    public var failingSince: Timestamp?
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
    /// Calls to its host, whatever the path.
    public var recent = RecentCalls()
    /// Secrets in the database that calls are signed with, the oldest first.
    package var secrets: [SealedSecret] = []

    /// When each of its secrets in the database was made, the oldest first.
    public var secretsCreatedAt: [Timestamp] { secrets.map(\.createdAt) }

    /// What people set; nil: no limit, or as the configuration says.
    public struct Settings: Sendable, Equatable {
        /// Calls at once, of all instances together.
        public var maxConcurrency: Int?
        /// Calls a second, of all instances together.
        public var rate: Double?
        /// Calls at once after a pause.
        public var burst: Int?
        /// Failures in a row that open its breaker; 0: it never opens.
        public var breakerFailures: Int?
        public var notes = ""

        public init() {}
    }

    package init(
        id: Int, url: String, settings: Settings, pausedAt: Timestamp?, pauseReason: String?, openUntil: Timestamp?,
        failingSince: Timestamp?, createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.url = url
        self.settings = settings
        self.pausedAt = pausedAt
        self.pauseReason = pauseReason
        self.openUntil = openUntil
        self.failingSince = failingSince
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

extension DestinationRecord.Settings {
    package static let concurrencies = 1...100_000
    package static let rates = 0.001...1_000_000
    package static let bursts = 1...1_000_000
    package static let failures = 0...10_000
    package static let longestNotes = 1000

    /// - Throws: `ValidationError` with everything that is out of range.
    package func check() throws(ValidationError) {
        var problems: [FieldProblem] = []
        func require(_ holds: Bool, _ field: String, _ accepted: String) {
            if !holds { problems.append(FieldProblem(field, "must be \(accepted), or null")) }
        }
        require(maxConcurrency.map { Self.concurrencies.contains($0) } ?? true, "max_concurrency", "1 to 100000")
        require(rate.map { Self.rates.contains($0) } ?? true, "rate", "0.001 to 1000000 a second")
        require(burst.map { Self.bursts.contains($0) } ?? true, "burst", "1 to 1000000")
        require(breakerFailures.map { Self.failures.contains($0) } ?? true, "breaker_failures", "0 to 10000")
        if burst != nil, rate == nil { problems.append(FieldProblem("burst", "means nothing without rate")) }
        if notes.unicodeScalars.count > Self.longestNotes {
            problems.append(FieldProblem("notes", "must not be longer than \(Self.longestNotes) characters"))
        }
        if !problems.isEmpty { throw ValidationError(problems) }
    }
}

extension DestinationRecord {
    /// Its secrets in the database, as far as they can be opened.
    package func openSecrets(_ seal: Seal?) -> [WebhookSecret] {
        guard let seal else { return [] }
        return secrets.compactMap { $0.open(for: url, seal) }
    }
}
