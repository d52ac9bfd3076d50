import MySQL
import ThreadPool

/// Reads a database of delay_queue, in order and in parts, with as much memory for a large one as for a small one.
///
/// The tables have no index on `queue_index`. Tasks and log are read beside each other, both sorted by it.
final class OldDatabase: PooledResource {
    struct Options: Sendable {
        var connection: ConnectionOptions
        /// Of the tables' names.
        var prefix: String
        /// Characters of an answer that are read.
        var responseLimit: Int
    }

    /// What is read at once.
    struct Part: Sendable {
        var tasks: [OldTask] = []
        /// Rows of the log that belong to no task.
        var strays = 0
        var isLast = false
    }

    private let options: Options
    private let first: Connection
    private let second: Connection
    private var users: RowStream?
    private var tasks: RowStream?
    private var log: RowStream?
    private var nextTask: OldTask?
    private var nextAttempt: OldAttempt?

    /// Attempts of one task that are read: some versions retried without end.
    private static let attemptLimit = 10_000
    /// Rows of both tables in one part.
    private static let partRows = 2000

    init(_ options: Options) throws(MySQLError) {
        self.options = options
        var connection = options.connection
        // It sorts before the first row comes.
        connection.readTimeout = .seconds(3600)
        first = try Connection(connection)
        second = try Connection(connection)
        for connection in [first, second] { try connection.run(text: "SET SESSION net_write_timeout = 3600") }
    }

    // A stream cannot go on elsewhere.
    func isUsable(afterIdle idle: Duration, isInDoubt: Bool) -> Bool { true }

    // MARK: Reading

    /// Up to 500 users after those read before; none: there are no more.
    func readUsers() throws(MySQLError) -> [OldUser] {
        if users == nil {
            var script = Script()
            script.begin("SELECT id, is_super, uname, email, password, real_name, tel, add_time FROM ")
            script.begin(.table(table("user")), " ORDER BY id")
            script.end()
            users = try RowStream(script, on: first)
        }
        var found: [OldUser] = []
        while found.count < 500, let row = try users?.next() { found.append(try OldUser(row)) }
        if found.isEmpty { users = nil }
        return found
    }

    /// The next tasks with their logs. To be called when all users are read.
    func readTasks() throws(MySQLError) -> Part {
        if tasks == nil { try openTasks() }
        var part = Part()
        var rows = 0
        while rows < Self.partRows {
            guard var task = nextTask else {
                while nextAttempt != nil, rows < Self.partRows {
                    part.strays += 1
                    rows += 1
                    try advanceLog()
                }
                part.isLast = nextAttempt == nil
                return part
            }
            rows += 1
            while let attempt = nextAttempt, attempt.queueIndex.utf8.lexicographicallyPrecedes(task.queueIndex.utf8) {
                part.strays += 1
                rows += 1
                try advanceLog()
            }
            while let attempt = nextAttempt, attempt.queueIndex.utf8.elementsEqual(task.queueIndex.utf8) {
                if task.attempts.count < Self.attemptLimit {
                    task.attempts.append(attempt)
                } else {
                    task.attemptsLeftOut += 1
                }
                rows += 1
                try advanceLog()
            }
            part.tasks.append(task)
            nextTask = try tasks?.next().map(OldTask.init)
        }
        return part
    }

    private func openTasks() throws(MySQLError) {
        var script = Script()
        script.begin(
            """
            SELECT id, queue_index, queue_slot, cycle_num, retry_num, dateline, add_time, notify_url, request_method,
            notify_param, state FROM 
            """)
        script.begin(.table(table("task")), " ORDER BY CAST(queue_index AS BINARY), id")
        script.end()
        let tasks = try RowStream(script, on: first)
        script = Script()
        script.begin("SELECT queue_index, dateline, state, LEFT(response, ", .value(options.responseLimit))
        script.begin("), CHAR_LENGTH(response) > ", .value(options.responseLimit), " FROM ")
        script.begin(.table(table("task_log")), " ORDER BY CAST(queue_index AS BINARY), id")
        script.end()
        log = try RowStream(script, on: second)
        nextTask = try tasks.next().map(OldTask.init)
        try advanceLog()
        self.tasks = tasks
    }

    private func advanceLog() throws(MySQLError) {
        nextAttempt = try log?.next().map(OldAttempt.init)
    }

    private func table(_ name: String) -> TableName {
        TableName(prefix: options.prefix, name)
    }
}
