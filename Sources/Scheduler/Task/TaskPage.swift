public import MySQL

/// Which tasks to list. Newest first, by creation.
public struct TaskFilter: Sendable, Equatable {
    public var state: TaskState?
    public var queue: String?
    /// Created at or after.
    public var from: Timestamp?
    /// Created before.
    public var to: Timestamp?

    public init() {}
}

/// One page of a list.
public struct TaskPage: Sendable, Equatable {
    public var tasks: [TaskRecord]
    /// Where the next page goes on: ids below this. nil: there is none. A page may hold fewer tasks than asked for, even
    /// none, and have a next one: a search looks at a bounded number of rows each time.
    public var next: TaskID?
}
