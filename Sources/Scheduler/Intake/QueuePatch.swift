/// What is to change in a queue's settings. What is nil stays, `.some(nil)` takes the setting away.
public struct QueuePatch: Sendable, Equatable {
    public var priority: Int?
    public var weight: Int?
    public var maxConcurrency: Int??
    public var ratePerSecond: Double??
    public var burst: Int??
    public var retry: RetryDraft??
    public var timeoutMilliseconds: Int??
    public var success: SuccessDraft??

    public init() {}

    /// A retry schedule before it is checked.
    public struct RetryDraft: Sendable, Equatable {
        public var maxRetries: Int?
        /// Seconds.
        public var delays: [Double]?

        public init(maxRetries: Int? = nil, delays: [Double]? = nil) {
            self.maxRetries = maxRetries
            self.delays = delays
        }
    }

    /// A success rule before it is checked.
    public struct SuccessDraft: Sendable, Equatable {
        public var rule: String?
        public var conditions = SuccessConditions()

        public init(rule: String? = nil, conditions: SuccessConditions = SuccessConditions()) {
            self.rule = rule
            self.conditions = conditions
        }
    }
}
