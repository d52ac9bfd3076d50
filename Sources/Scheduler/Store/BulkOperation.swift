public import MySQL

/// Something done to many tasks in the background, and how far it is.
public struct BulkOperation: Sendable, Equatable {
    public typealias ID = UInt64

    /// What is done to each task.
    public enum Kind: String, Sendable, CaseIterable {
        /// Dead letters get a new life.
        case retry
        /// What waits in a queue is cancelled.
        case purge
        case cancelTasks = "cancel_tasks"
        case retryTasks = "retry_tasks"
        case rescheduleTasks = "reschedule_tasks"

        /// In which states a task can be that it is done to.
        var stored: [StoredState] {
            switch self {
            case .retry: [.dead]
            case .retryTasks: [.dead, .cancelled]
            case .purge, .cancelTasks, .rescheduleTasks: [.scheduled, .retrying]
            }
        }
    }

    public enum State: String, Sendable, CaseIterable {
        case running, done, cancelled, failed
    }

    public var id: ID
    public var kind: Kind
    /// Of dead letters; of a purge with the queue.
    public var filter = DeadLetterFilter()
    /// Of tasks, when it is not about dead letters.
    public var tasks = TaskFilter()
    /// The only queue whose tasks it is done to; nil: all.
    public var queue: String? { kind == .retry || kind == .purge ? filter.queue : tasks.queue }
    /// For which time tasks are rescheduled.
    public var planTime: Timestamp?
    /// The most tasks a second.
    public var perSecond: Int
    public var requestedBy: String
    public var state: State
    /// Why it failed.
    public var problem: String?
    /// Tasks there were when it was asked for.
    public var total: Estimate
    public var done: Int
    /// Somebody else was there first.
    public var skipped: Int
    public var failed: Int
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
    public var finishedAt: Timestamp?
    /// The last dead letter that was looked at.
    var reached: DeadLetterCursor?

    /// The most that run at once in a cluster, about: two that are asked for at the same moment may both find room.
    package static let mostRunning = 10
    package static let rates = 1...1000
    package static let purgeRate = 10_000
}

extension BulkOperation {
    static let columns: StaticString = """
        id, kind, filter, per_second, requested_by, state, problem, total, total_is_exact, done, skipped, failed,
        created_at, updated_at, finished_at, reached_time, reached_id
        """

    init(_ row: Row) throws(MySQLError) {
        func unknown(_ column: String, _ text: String) -> MySQLError {
            MySQLError(.unexpectedRow, "bulk_operations.\(column) \"\(text)\" is not known to this version")
        }
        guard let kind = Kind(rawValue: try row.text(1)) else { throw unknown("kind", try row.text(1)) }
        if kind == .retry || kind == .purge {
            guard let filter = DeadLetterFilter(storedText: try row.text(2)) else {
                throw unknown("filter", try row.text(2))
            }
            self.filter = filter
        } else {
            guard let stored = StoredTaskFilter(text: try row.text(2)) else {
                throw unknown("filter", try row.text(2))
            }
            (tasks, planTime) = (stored.filter, stored.newPlanTime)
        }
        guard let state = State(rawValue: try row.text(5)) else { throw unknown("state", try row.text(5)) }
        id = UInt64(try row.integer(0))
        self.kind = kind
        perSecond = try row.integer(3)
        requestedBy = try row.text(4)
        self.state = state
        problem = try row.optional(6, Row.text)
        total = Estimate(try row.integer(7), isExact: try row.integer(8) == 1)
        done = try row.integer(9)
        skipped = try row.integer(10)
        failed = try row.integer(11)
        createdAt = try row.time(12)
        updatedAt = try row.time(13)
        finishedAt = try row.optional(14, Row.time)
        if let time = try row.optional(15, Row.time) {
            reached = DeadLetterCursor(diedAt: time, id: try row.taskID(16))
        }
    }
}
