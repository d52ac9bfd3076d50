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

    public init() {}

    var changesRequest: Bool { method != nil || url != nil || headers != nil || body != nil || maxRedirects != nil }
}
