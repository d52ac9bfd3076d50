public import MySQL

/// One call that somebody makes to see whether a destination works. It belongs to no task, and no breaker counts it.
public struct TestCall: Sendable, Equatable {
    /// One of `CallbackRequest.methods`.
    public var method = "GET"
    /// Path and query; nil: those of the destination.
    public var path: String?
    public var timeout: Duration = .seconds(10)

    public init() {}

    package static let timeouts: ClosedRange<Duration> = .milliseconds(100)...(.seconds(30))
    package static let mostAtOnce = 4
    /// Of the answer, in bytes.
    package static let shown = 2048
}

/// What came of it.
public struct TestCallResult: Sendable, Equatable {
    public var method: String
    public var url: String
    public var startedAt: Timestamp
    public var duration: Duration
    /// nil: there was no answer.
    public var status: Int?
    /// As `class` in the attempt log: `success`, `status`, or the kind of failure.
    public var outcomeClass: String
    /// For a person; nil: it went well.
    public var message: String?
    /// What was connected to.
    public var address: String?
    public var timings: CallTimings
    /// How the answer begins.
    public var response: [UInt8]
    public var responseTruncated: Bool
    /// With how many secrets it was signed.
    public var signatures: Int

    package init(
        method: String, url: String, startedAt: Timestamp, duration: Duration, status: Int?, outcomeClass: String,
        message: String?, address: String?, timings: CallTimings, response: [UInt8], responseTruncated: Bool,
        signatures: Int
    ) {
        self.method = method
        self.url = url
        self.startedAt = startedAt
        self.duration = duration
        self.status = status
        self.outcomeClass = outcomeClass
        self.message = message
        self.address = address
        self.timings = timings
        self.response = response
        self.responseTruncated = responseTruncated
        self.signatures = signatures
    }
}
