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

    package init(
        id: TaskID, queueID: Int, planTime: Timestamp, attempt: Int, retriesFrom: Int, version: Int, task: NewTask
    ) {
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
    }
}

extension StartedTask {
    static let columns: StaticString = """
        id, queue_id, plan_time, attempt, retries_from, version, method, url, headers, body, max_redirects,
        success_rule, max_retries, retry_delays, timeout_ms, success_criteria, traceparent, deferred_from
        """

    init(_ row: Row) throws(MySQLError) {
        id = try row.taskID(0)
        queueID = try row.integer(1)
        planTime = try row.time(2)
        attempt = try row.integer(3) + 1
        retriesFrom = try row.integer(4)
        version = try row.integer(5)
        request = CallbackRequest(
            method: try row.text(6), url: try row.text(7),
            headers: CallbackRequest.headers(fromText: try row.optional(8, Row.text)),
            body: try row.optional(9, Row.bytes), maxRedirects: try row.integer(10))
        successRule = try row.successRule(11, criteria: 15)
        retrySchedule = RetrySchedule(
            maxRetries: try row.integer(12), delays: RetrySchedule.delays(fromText: try row.text(13)))
        timeout = .milliseconds(try row.integer(14))
        trace = try row.optional(16, Row.text).flatMap(TraceContext.init)
        deferredFrom = try row.optional(17, Row.time)
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
