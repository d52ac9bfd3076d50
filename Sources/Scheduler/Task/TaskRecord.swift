public import MySQL

/// What makes a task, before it has a life: the same for every way in.
public struct NewTask: Sendable, Equatable {
    /// The queue of a task that names none.
    package static let defaultQueue = "default"

    public var queue: String
    public var planTime: Timestamp
    public var request: CallbackRequest
    public var successRule: SuccessRule
    public var retrySchedule: RetrySchedule
    public var timeout: Duration
    public var onLost: OnLost
    public var labels: [String: String]
    /// nil: whoever asked for it said nothing of a trace.
    public var trace: TraceContext?
    /// No other live task of its queue has the same; nil: it has none.
    public var key: String?
    /// It is not called from then on. nil: it is called however late it is.
    public var expiresAt: Timestamp?
    /// What is called when it has ended.
    public var followUps: [FollowUp.Occasion: FollowUp]

    public init(
        queue: String, planTime: Timestamp, request: CallbackRequest, successRule: SuccessRule,
        retrySchedule: RetrySchedule, timeout: Duration, onLost: OnLost = .retry, labels: [String: String] = [:],
        trace: TraceContext? = nil, key: String? = nil, expiresAt: Timestamp? = nil,
        followUps: [FollowUp.Occasion: FollowUp] = [:]
    ) {
        self.expiresAt = expiresAt
        self.followUps = followUps
        self.key = key
        self.queue = queue
        self.planTime = planTime
        self.request = request
        self.successRule = successRule
        self.retrySchedule = retrySchedule
        self.timeout = timeout
        self.onLost = onLost
        self.labels = labels
        self.trace = trace
    }
}

/// A task as it stands in the database.
public struct TaskRecord: Sendable, Equatable {
    public var id: TaskID
    public var task: NewTask
    public var state: TaskState
    /// Attempts made; the running one counts.
    public var attempt: Int
    /// When it is tried next; nil when it is finished or running.
    public var nextAttemptAt: Timestamp?
    /// When that was before the destination put it off; nil: it was not, or the task is finished or running.
    public var deferredFrom: Timestamp?
    public var createdAt: Timestamp
    public var finishedAt: Timestamp?
    /// Counts the changes made by people and programs, from 1.
    public var version: Int
    /// The version in which the request was last changed.
    public var requestVersion: Int
    /// Accepted while the database was away: durable in the intake buffer, and not to be found by its id yet.
    public var isBuffered = false
    /// It is dead because it was not started before `expiresAt`.
    public var isExpired: Bool
    /// The task whose follow-up it is. That one may be gone.
    public var follows: TaskID?

    package init(
        id: TaskID, task: NewTask, state: TaskState, attempt: Int, nextAttemptAt: Timestamp?, createdAt: Timestamp,
        finishedAt: Timestamp?, version: Int, requestVersion: Int, isBuffered: Bool = false, isExpired: Bool = false,
        follows: TaskID? = nil
    ) {
        self.isExpired = isExpired
        self.follows = follows
        self.id = id
        self.task = task
        self.state = state
        self.attempt = attempt
        self.nextAttemptAt = nextAttemptAt
        self.createdAt = createdAt
        self.finishedAt = finishedAt
        self.version = version
        self.requestVersion = requestVersion
        self.isBuffered = isBuffered
    }
}

/// One call that was made.
public struct AttemptRecord: Sendable, Equatable {
    public var attempt: Int
    public var incarnation: UInt64
    /// The version of the task that was sent.
    public var version: Int
    public var planTime: Timestamp
    public var startedAt: Timestamp
    public var duration: Duration
    public var succeeded: Bool
    /// `success`, or the kind of failure.
    public var outcomeClass: String
    public var message: String?
    public var status: Int?
    public var timings: CallTimings
    /// Address and port really connected to.
    public var address: String?
    public var response: [UInt8]
    public var responseTruncated: Bool

    package init(
        attempt: Int, incarnation: UInt64, version: Int, planTime: Timestamp, startedAt: Timestamp,
        duration: Duration, succeeded: Bool, outcomeClass: String, message: String?, status: Int?,
        timings: CallTimings, address: String?, response: [UInt8], responseTruncated: Bool
    ) {
        self.attempt = attempt
        self.incarnation = incarnation
        self.version = version
        self.planTime = planTime
        self.startedAt = startedAt
        self.duration = duration
        self.succeeded = succeeded
        self.outcomeClass = outcomeClass
        self.message = message
        self.status = status
        self.timings = timings
        self.address = address
        self.response = response
        self.responseTruncated = responseTruncated
    }
}

/// Microseconds from the start of a call until each of its parts was done; 0 where there was nothing to do.
public struct CallTimings: Sendable, Equatable {
    public var lookup = 0
    public var connect = 0
    public var tls = 0
    public var firstByte = 0
    public var total = 0

    public init() {}
}
