/// The form fields of `POST /api/task/save`, as they came.
public struct LegacyForm: Sendable, Equatable {
    public var notifyURL = ""
    public var planTime = ""
    public var methodName = ""
    public var notifyParam = ""
    /// Of the request that brought the form, as in `TaskDraft`.
    public var traceparent: String?

    public init() {}
}

/// Why the old form was refused, in the words in which the old program says it.
public struct LegacyRefusal: Error, Sendable, Equatable {
    public var reason: String
}
