/// How a queue is run, as people and programs set it.
public struct QueueSettings: Sendable, Equatable {
    /// Its class: overdue tasks of a higher one go first.
    public var priority = 0
    /// Its part of the calls that its class has for overdue tasks.
    public var weight = 1
    /// The most calls in flight in the whole cluster. nil: no limit.
    public var maxConcurrency: Int?
    /// The most calls a second in the whole cluster. nil: no limit.
    public var ratePerSecond: Double?
    /// The most calls at once after a pause. nil: what the rate gives in a tenth of a second, and at least one.
    public var burst: Int?
    public var defaults = TaskDefaults()

    public init() {}

    package static let priorities = -100...100
    package static let weights = 1...1000
    package static let concurrencies = 1...100_000
    package static let rates = 0.001...100_000.0
    package static let bursts = 1...100_000
}

/// What tasks of a queue take that do not say themselves. nil: what the configuration says.
public struct TaskDefaults: Sendable, Equatable {
    public var retrySchedule: RetrySchedule?
    public var timeout: Duration?
    public var successRule: SuccessRule?

    public init() {}
}
