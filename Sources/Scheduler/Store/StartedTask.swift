package import MySQL

/// A task whose start is committed, with what its call needs.
package struct StartedTask: Sendable {
    package var id: TaskID
    package var queueID: Int
    package var planTime: Timestamp
    /// When this attempt was due before its destination put it off; nil: it was not.
    package var deferredFrom: Timestamp?
    /// The number of this attempt, from 1.
    package var attempt: Int
    /// Attempts made before the last retry by hand.
    package var retriesFrom: Int
    package var version: Int
    package var request: CallbackRequest
    package var successRule: SuccessRule
    package var retrySchedule: RetrySchedule
    package var timeout: Duration
    /// As it came; each call has an id of its own in it.
    package var trace: TraceContext?
    /// Unique in its queue while it is live.
    package var key: String?
    /// It is not called from then on.
    package var expiresAt: Timestamp?
    /// Whether something is to be called when it has ended.
    package var hasFollowUps: Bool
    /// As `claims` has it: by which start of its it was started.
    package var startedAt: Timestamp

    package init(
        id: TaskID, queueID: Int, planTime: Timestamp, attempt: Int, retriesFrom: Int, version: Int, task: NewTask,
        startedAt: Timestamp
    ) {
        self.startedAt = startedAt
        expiresAt = task.expiresAt
        hasFollowUps = !task.followUps.isEmpty
        self.id = id
        self.queueID = queueID
        self.planTime = planTime
        self.attempt = attempt
        self.retriesFrom = retriesFrom
        self.version = version
        request = task.request
        successRule = task.successRule
        retrySchedule = task.retrySchedule
        timeout = task.timeout
        trace = task.trace
        key = task.key
    }
}

extension StartedTask {
    static let columns: StaticString = """
        id, queue_id, plan_time, attempt, retries_from, version, method, url, headers, body, max_redirects,
        success_rule, max_retries, retry_delays, timeout_ms, success_criteria, traceparent,
        task_key, expires_at, on_success IS NOT NULL OR on_failure IS NOT NULL, deferred_from
        """

    /// Tasks that are due together are often alike: what repeats itself is decoded once, and shared.
    static func read(_ rows: [Row], startedAt: Timestamp) throws(MySQLError) -> [StartedTask] {
        var method = Repeated { (row, column) throws(MySQLError) in try row.text(column) }
        var url = method
        var headers = Repeated { (row, column) throws(MySQLError) in
            CallbackRequest.headers(fromText: try row.text(column))
        }
        var delays = Repeated { (row, column) throws(MySQLError) in
            RetrySchedule.delays(fromText: try row.text(column))
        }
        var rule = Repeated { (row, column) throws(MySQLError) in try row.successRule(column, criteria: 15) }
        var tasks: [StartedTask] = []
        tasks.reserveCapacity(rows.count)
        for row in rows {
            let request = CallbackRequest(
                method: try method.read(row, 6), url: try url.read(row, 7),
                headers: row.isNull(8) ? [] : try headers.read(row, 8), body: try row.optional(9, Row.bytes),
                maxRedirects: try row.integer(10))
            tasks.append(
                StartedTask(
                    id: try row.taskID(0), queueID: try row.integer(1), planTime: try row.time(2),
                    attempt: try row.integer(3) + 1, retriesFrom: try row.integer(4), version: try row.integer(5),
                    request: request,
                    // The name of a rule with criteria says nothing of them.
                    successRule: row.isNull(15) ? try rule.read(row, 11) : try row.successRule(11, criteria: 15),
                    retrySchedule: RetrySchedule(maxRetries: try row.integer(12), delays: try delays.read(row, 13)),
                    timeout: .milliseconds(try row.integer(14)),
                    trace: try row.optional(16, Row.text).flatMap(TraceContext.init),
                    key: try row.optional(17, Row.text), expiresAt: try row.optional(18, Row.time),
                    hasFollowUps: try row.integer(19) == 1, startedAt: startedAt,
                    deferredFrom: try row.optional(20, Row.time)))
        }
        return tasks
    }

    private init(
        id: TaskID, queueID: Int, planTime: Timestamp, attempt: Int, retriesFrom: Int, version: Int,
        request: CallbackRequest, successRule: SuccessRule, retrySchedule: RetrySchedule, timeout: Duration,
        trace: TraceContext?, key: String?, expiresAt: Timestamp?, hasFollowUps: Bool, startedAt: Timestamp,
        deferredFrom: Timestamp?
    ) {
        self.expiresAt = expiresAt
        self.hasFollowUps = hasFollowUps
        self.startedAt = startedAt
        self.id = id
        self.queueID = queueID
        self.planTime = planTime
        self.attempt = attempt
        self.retriesFrom = retriesFrom
        self.version = version
        self.request = request
        self.successRule = successRule
        self.retrySchedule = retrySchedule
        self.timeout = timeout
        self.trace = trace
        self.key = key
        self.deferredFrom = deferredFrom
    }
}

/// Decodes a text column, and takes the last value again while the text stays the same.
private struct Repeated<Value> {
    private let decode: (Row, Int) throws(MySQLError) -> Value
    private var last: (text: [UInt8], value: Value)?

    init(_ decode: @escaping (Row, Int) throws(MySQLError) -> Value) {
        self.decode = decode
    }

    mutating func read(_ row: Row, _ column: Int) throws(MySQLError) -> Value {
        if let last, try row.withBytes(column, { $0.elementsEqual(last.text) }) { return last.value }
        let value = try decode(row, column)
        last = (try row.bytes(column), value)
        return value
    }
}

extension Row {
    func successRule(_ column: Int, criteria: Int) throws(MySQLError) -> SuccessRule {
        let (name, criteria) = (try text(column), try optional(criteria, Row.text))
        guard let rule = SuccessRule(storedName: name, criteria: criteria) else {
            throw MySQLError(
                .unexpectedRow, "success_rule \"\(name)\" is not known to this version: \(criteria ?? "no criteria")")
        }
        return rule
    }
}
