import MySQL

extension MySQLStore {
    /// All queues that are there, and what their tasks take.
    package func queueBook() async throws -> QueueBook {
        let tables = tables
        return try await front.retrying { connection in
            let rows = try connection.run(
                """
                SELECT name, max_retries, retry_delays, timeout_ms, success_rule, success_criteria
                FROM \(tables.queues) WHERE deleted_at IS NULL
                """
            ).rows
            return QueueBook(
                try rows.reduce(into: [:]) { book, row in book[try row.text(0)] = try TaskDefaults(row, from: 1) })
        }
    }

    /// Makes a queue, or gives one that was deleted its settings. - Returns: false when it is there already.
    package func createQueue(_ name: String, _ settings: QueueSettings) async throws -> Bool {
        let tables = tables
        return try await front.withTransaction { connection in
            let find: Query = "SELECT id, deleted_at IS NULL FROM \(tables.queues) WHERE name = \(name) FOR UPDATE"
            var row = try connection.run(find).rows.first
            if row == nil {
                do throws(MySQLError) {
                    let insert: Query =
                        "INSERT INTO \(tables.queues) (name, created_at, deleted_at) VALUES (\(name), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))"
                    try connection.run(insert)
                } catch {
                    // Another made it in between.
                    guard error.code == .duplicateKey else { throw error }
                }
                row = try connection.run(find).rows.first
            }
            guard let row, try row.integer(1) == 0 else { return false }
            try Self.write(settings, id: try row.integer(0), connection, tables)
            try connection.run(
                """
                UPDATE \(tables.queues) SET deleted_at = NULL, paused_at = NULL, created_at = UTC_TIMESTAMP(6)
                WHERE id = \(try row.integer(0))
                """)
            return true
        }
    }

    /// Changes the settings of a queue, while nobody else does.
    /// - Parameter change: gives the new settings; what it throws leaves them as they are.
    /// - Returns: the settings before and after; nil when there is no such queue.
    package func changeQueue(
        _ name: String, _ change: @escaping @Sendable (QueueSettings) throws -> QueueSettings
    ) async throws -> (before: QueueSettings, after: QueueSettings)? {
        let tables = tables
        return try await front.withTransaction { connection in
            guard let id = try Self.knownQueueID(name, connection, tables) else { return nil }
            let row = try connection.run(
                "SELECT \(QueueSettings.columns) FROM \(tables.queues) WHERE id = \(id) FOR UPDATE"
            ).rows.first
            guard let row else { return nil }
            let before = try QueueSettings(row, from: 0)
            let after = try change(before)
            if before != after { try Self.write(after, id: id, connection, tables) }
            return (before, after)
        }
    }

    package enum Deletion: Sendable {
        case done
        case unknown
        case notEmpty
        /// A schedule makes tasks for it.
        case needed(by: String)
    }

    /// Deletes a queue of which no task waits or runs, and for which no schedule makes any: its settings go, and it is not
    /// listed any more. Its row stays, so that finished tasks have their queue's name, and so that a task that another
    /// instance accepts meanwhile is run.
    package func deleteQueue(_ name: String) async throws -> Deletion {
        let tables = tables
        return try await front.withTransaction { connection in
            guard let id = try Self.knownQueueID(name, connection, tables) else { return .unknown }
            try connection.run("SELECT id FROM \(tables.queues) WHERE id = \(id) FOR UPDATE")
            for table in [tables.scheduled, tables.ready, tables.claims] {
                let live = try connection.run("SELECT 1 FROM \(table) WHERE queue_id = \(id) LIMIT 1").rows
                if !live.isEmpty { return .notEmpty }
            }
            let schedule = try connection.run(
                "SELECT name FROM \(tables.schedules) WHERE queue_id = \(id) ORDER BY name LIMIT 1"
            ).rows.first
            if let schedule { return .needed(by: try schedule.text(0)) }
            try Self.write(QueueSettings(), id: id, connection, tables)
            try connection.run(
                "UPDATE \(tables.queues) SET deleted_at = UTC_TIMESTAMP(6), paused_at = NULL WHERE id = \(id)")
            try connection.run("DELETE FROM \(tables.queueShares) WHERE queue_id = \(id)")
            return .done
        }
    }

    private static func write(
        _ settings: QueueSettings, id: Int, _ connection: Connection, _ tables: Tables
    ) throws(MySQLError) {
        let defaults = settings.defaults
        try connection.run(
            """
            UPDATE \(tables.queues) SET priority = \(settings.priority), weight = \(settings.weight),
              max_concurrency = \(optional: settings.maxConcurrency),
              rate_per_second = \(optional: settings.ratePerSecond), burst = \(optional: settings.burst),
              max_retries = \(optional: defaults.retrySchedule?.maxRetries),
              retry_delays = \(optional: defaults.retrySchedule?.delayText),
              timeout_ms = \(optional: defaults.timeout.map { $0.microseconds / 1000 }),
              success_rule = \(optional: defaults.successRule?.storedName),
              success_criteria = \(optional: defaults.successRule?.storedCriteria), version = version + 1
            WHERE id = \(id)
            """)
    }
}

extension QueueSettings {
    static let columns: StaticString = """
        priority, weight, max_concurrency, rate_per_second, burst, max_retries, retry_delays, timeout_ms, success_rule,
        success_criteria
        """

    /// - Parameter first: the column of its priority; the others follow.
    init(_ row: Row, from first: Int) throws(MySQLError) {
        self.init()
        priority = try row.integer(first)
        weight = try row.integer(first + 1)
        maxConcurrency = try row.optional(first + 2, Row.integer)
        ratePerSecond = try row.optional(first + 3, Row.double)
        burst = try row.optional(first + 4, Row.integer)
        defaults = try TaskDefaults(row, from: first + 5)
    }
}

extension TaskDefaults {
    /// - Parameter first: the column of the most retries; the others follow.
    init(_ row: Row, from first: Int) throws(MySQLError) {
        self.init()
        if let maxRetries = try row.optional(first, Row.integer) {
            retrySchedule = RetrySchedule(
                maxRetries: maxRetries,
                delays: RetrySchedule.delays(fromText: try row.optional(first + 1, Row.text) ?? ""))
        }
        timeout = try row.optional(first + 2, Row.integer).map { .milliseconds($0) }
        if let name = try row.optional(first + 3, Row.text) {
            // One that a later version has set and this one does not know counts as none.
            successRule = SuccessRule(storedName: name, criteria: try row.optional(first + 4, Row.text))
        }
    }
}
