public import MySQL

/// A task as somebody asks for it, before it is checked. What is nil takes its default.
public struct TaskDraft: Sendable, Equatable {
    public var queue: String?
    public var planTime: Timestamp?
    public var method: String?
    public var url: String?
    public var headers: [HeaderField] = []
    public var body: [UInt8]?
    public var maxRedirects: Int?
    public var successRule: String?
    public var successConditions = SuccessConditions()
    public var maxRetries: Int?
    /// Seconds.
    public var retryDelays: [Double]?
    public var timeoutMilliseconds: Int?
    public var onLost: String?
    public var labels: [String: String] = [:]
    /// The value of a header `traceparent`; a malformed one counts as none.
    public var traceparent: String?
    /// Unique in the queue while the task is live.
    public var key: String?
    /// What becomes of the draft when a live task has the key: `reject`, `return` or `replace`.
    public var onConflict: String?
    /// It is not called from then on.
    public var expiresAt: Timestamp?
    /// What is called when it has ended.
    public var followUps: [FollowUp.Occasion: FollowUpDraft] = [:]

    public init() {}

    /// The queues that it names, its own and those of its follow-ups.
    public var queues: [String] {
        [queue].compactMap(\.self) + followUps.values.compactMap(\.queue)
    }
}

/// A follow-up as somebody asks for it, before it is checked. What is nil takes its default, the queue that of its task.
public struct FollowUpDraft: Sendable, Equatable {
    public var queue: String?
    public var method: String?
    public var url: String?
    public var headers: [HeaderField] = []
    public var maxRedirects: Int?
    public var successRule: String?
    public var successConditions = SuccessConditions()
    public var maxRetries: Int?
    /// Seconds.
    public var retryDelays: [Double]?
    public var timeoutMilliseconds: Int?
    public var labels: [String: String] = [:]
    /// Seconds.
    public var delay: Double?

    public init() {}
}

/// What is to change in a waiting task. What is nil stays.
public struct TaskPatch: Sendable, Equatable {
    public var planTime: Timestamp?
    public var method: String?
    public var url: String?
    public var headers: [HeaderField]?
    /// `.some(nil)` removes the body.
    public var body: [UInt8]??
    public var maxRedirects: Int?
    /// `.some(nil)`: it does not expire.
    public var expiresAt: Timestamp??
    /// nil for an occasion: nothing follows it.
    public var followUps: [FollowUp.Occasion: FollowUpDraft?] = [:]

    public init() {}

    var changesRequest: Bool { method != nil || url != nil || headers != nil || body != nil || maxRedirects != nil }
}
