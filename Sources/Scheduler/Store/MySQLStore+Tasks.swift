import MySQL

extension MySQLStore {
    package func task(_ id: TaskID) async throws -> TaskRecord? {
        let tables = tables
        return try await reader.retrying { connection in
            try Self.read(Self.one(id, tables), connection, self).first
        }
    }

    /// Attempts after number `after`, in order.
    package func attempts(of id: TaskID, after: Int, limit: Int) async throws -> [AttemptRecord] {
        let tables = tables
        return try await reader.retrying { connection in
            try connection.run(
                """
                SELECT attempt, incarnation, version, plan_time, started_at, duration_us, succeeded, class, message,
                  status, lookup_us, connect_us, tls_us, first_byte_us, total_us, address, response, response_truncated
                FROM \(tables.attempts) WHERE task_id = \(id) AND attempt > \(after) ORDER BY attempt LIMIT \(limit)
                """
            ).rows.map(AttemptRecord.init)
        }
    }

    /// One page, newest first. A search for what few tasks have ends when its time is used.
    package func tasks(
        _ filter: TaskFilter, before cursor: TaskID?, limit: Int, search limits: SearchLimits = SearchLimits()
    ) async throws -> TaskPage {
        let tables = tables
        return try await reader.retrying { connection in
            let end = min(cursor ?? .max, filter.to.map(TaskID.lowerBound) ?? .max)
            guard filter.isSearch else {
                var range: Query = " WHERE t.id < \(end)"
                if let from = filter.from { range = range + " AND t.id >= \(TaskID.lowerBound(from))" }
                let rows = try Self.read(
                    Self.leftJoin(tables) + range + " ORDER BY t.id DESC LIMIT \(limit + 1)", connection, self)
                let tasks = Array(rows.prefix(limit))
                return TaskPage(tasks: tasks, next: rows.count > limit ? tasks.last?.id : nil)
            }
            var queueID: Int?
            if let queue = filter.queue {
                guard let id = try Self.knownQueueID(queue, connection, tables) else {
                    return TaskPage(tasks: [], next: nil)
                }
                queueID = id
            }
            // Two steps, so that the search reads narrow rows and the page its own.
            let found = try TaskSearch(filter, queueID: queueID, tables)
                .run(before: end, limit: limit + 1, limits, connection)
            let ids = Array(found.ids.prefix(limit))
            var page = TaskPage(
                tasks: [], next: found.ids.count > limit ? ids.last : found.searchedTo,
                searchedTo: found.searchedTo?.time)
            if !ids.isEmpty {
                page.tasks = try Self.read(
                    Self.leftJoin(tables) + " WHERE t.id IN \(list: ids) ORDER BY t.id DESC", connection, self
                ).filter { filter.state == nil || $0.state == filter.state }
            }
            return page
        }
    }

    static func one(_ id: TaskID, _ tables: Tables) -> Query {
        leftJoin(tables) + " WHERE t.id = \(id)"
    }

    private static func leftJoin(_ tables: Tables) -> Query {
        "SELECT \(columns: tables) LEFT JOIN \(tables.claims) c ON c.task_id = t.id"
    }

    /// Reads rows that were selected with `\(columns: tables)`.
    static func read(_ query: Query, _ connection: Connection, _ store: MySQLStore) throws -> [TaskRecord] {
        try connection.run(query).rows.map { row in
            try TaskRecord(row, queue: store.queueName(try row.integer(1), connection))
        }
    }
}

extension Query.Interpolation {
    /// The columns of a `TaskRecord`, and `FROM tasks t`; `c` is the claim.
    mutating func appendInterpolation(columns tables: Tables) {
        appendLiteral(
            """
            t.id, t.queue_id, t.state, t.attempt, t.plan_time, t.method, t.url, t.headers, t.body, t.max_redirects,
            t.success_rule, t.max_retries, t.retry_delays, t.timeout_ms, t.on_lost, t.labels, t.version,
            t.request_version, t.created_at, t.finished_at, t.requested_time, c.task_id, c.started_at, c.attempt,
            t.success_criteria, t.traceparent, t.task_key, t.expires_at, t.expired, t.on_success, t.on_failure,
            t.follows, t.deferred_from FROM 
            """)
        appendInterpolation(tables.tasks)
        appendLiteral(" t")
    }
}

extension TaskRecord {
    init(_ row: Row, queue: String) throws {
        guard let stored = StoredState(rawValue: UInt8(try row.integer(2))) else {
            throw MySQLError(.unexpectedRow, "tasks.state holds \(try row.integer(2))")
        }
        let isClaimed = !row.isNull(21)
        let state = stored.visible(claim: isClaimed ? !row.isNull(22) : nil)
        let planTime = try row.time(4)
        self.init(
            id: try row.taskID(0),
            task: NewTask(
                queue: queue, planTime: try row.time(20),
                request: CallbackRequest(
                    method: try row.text(5), url: try row.text(6),
                    headers: CallbackRequest.headers(fromText: try row.optional(7, Row.text)),
                    body: try row.optional(8, Row.bytes), maxRedirects: try row.integer(9)),
                successRule: try row.successRule(10, criteria: 24),
                retrySchedule: RetrySchedule(
                    maxRetries: try row.integer(11), delays: RetrySchedule.delays(fromText: try row.text(12))),
                timeout: .milliseconds(try row.integer(13)), onLost: OnLost(code: try row.integer(14)),
                labels: Labels.decode(try row.optional(15, Row.text)),
                trace: try row.optional(25, Row.text).flatMap(TraceContext.init),
                key: try row.optional(26, Row.text), expiresAt: try row.optional(27, Row.time),
                followUps: try row.followUps(onSuccess: 29, onFailure: 30)),
            state: state,
            attempt: state == .running ? try row.optional(23, Row.integer) ?? 0 : try row.integer(3),
            nextAttemptAt: state.isFinished || state == .running ? nil : planTime,
            createdAt: try row.time(18), finishedAt: try row.optional(19, Row.time), version: try row.integer(16),
            requestVersion: try row.integer(17), isExpired: try row.integer(28) == 1,
            follows: try row.optional(31, Row.taskID))
        if nextAttemptAt != nil { deferredFrom = try row.optional(32, Row.time) }
    }
}

extension AttemptRecord {
    init(_ row: Row) throws(MySQLError) {
        attempt = try row.integer(0)
        incarnation = UInt64(try row.integer(1))
        version = try row.integer(2)
        planTime = try row.time(3)
        startedAt = try row.time(4)
        duration = .microseconds(try row.integer(5))
        succeeded = try row.integer(6) == 1
        outcomeClass = try row.text(7)
        message = try row.optional(8, Row.text)
        status = try row.optional(9, Row.integer)
        timings = CallTimings()
        timings.lookup = try row.integer(10)
        timings.connect = try row.integer(11)
        timings.tls = try row.integer(12)
        timings.firstByte = try row.integer(13)
        timings.total = try row.integer(14)
        address = try row.optional(15, Row.text)
        response = try row.optional(16, Row.bytes) ?? []
        responseTruncated = try row.integer(17) == 1
    }
}
