import MySQL

extension MySQLStore {
    // MARK: For who asks

    /// - Returns: nil when as many run as may.
    package func insertBulkRetry(_ filter: DeadLetterFilter, perSecond: Int, by name: String) async throws
        -> BulkOperation?
    {
        let now = try await front.retrying { try $0.run("SELECT UTC_TIMESTAMP(6)").rows[0].time(0) }
        let total = try await countDeadLetters(filter, until: now)
        return try await insertBulk(.retry, filter.storedText, total, at: now, perSecond: perSecond, by: name)
    }

    /// - Returns: nil when as many run as may.
    package func insertPurge(_ queue: String, total: Estimate, by name: String) async throws -> BulkOperation? {
        var filter = DeadLetterFilter()
        filter.queue = queue
        return try await insertBulk(
            .purge, filter.storedText, total, perSecond: BulkOperation.purgeRate, by: name)
    }

    /// - Parameter time: what became fit for it later is left alone; nil: now.
    func insertBulk(
        _ kind: BulkOperation.Kind, _ filter: String, _ total: Estimate, at time: Timestamp? = nil, perSecond: Int,
        by name: String
    ) async throws -> BulkOperation? {
        let tables = tables
        return try await front.withTransaction { connection in
            let running = try connection.run(
                "SELECT COUNT(*) FROM \(tables.bulkOperations) WHERE state = \(BulkOperation.State.running.rawValue)")
            guard try running.rows[0].integer(0) < BulkOperation.mostRunning else { return nil }
            let now = try time ?? connection.run("SELECT UTC_TIMESTAMP(6)").rows[0].time(0)
            let id = try connection.run(
                """
                INSERT INTO \(tables.bulkOperations)
                  (kind, filter, per_second, requested_by, state, total, total_is_exact, created_at, updated_at)
                VALUES (\(kind.rawValue), \(filter), \(perSecond), \(name.fitting(100)),
                  \(BulkOperation.State.running.rawValue), \(total.count), \(total.isExact ? 1 : 0), \(now), \(now))
                """
            ).lastInsertID
            return try Self.bulkOperation(id, connection, tables)
        }
    }

    package func bulkOperation(_ id: BulkOperation.ID) async throws -> BulkOperation? {
        let tables = tables
        return try await reader.retrying { try Self.bulkOperation(id, $0, tables) }
    }

    /// Newest first, those with a number below `cursor`.
    package func bulkOperations(before cursor: BulkOperation.ID? = nil, limit: Int) async throws -> [BulkOperation] {
        let tables = tables
        return try await reader.retrying { connection in
            try connection.run(
                """
                SELECT \(BulkOperation.columns) FROM \(tables.bulkOperations) WHERE id < \(cursor ?? UInt64(Int64.max))
                ORDER BY id DESC LIMIT \(limit)
                """
            ).rows.map(BulkOperation.init)
        }
    }

    /// Ends it when it runs. - Returns: nil when there is none.
    package func cancelBulkOperation(_ id: BulkOperation.ID) async throws -> BulkOperation? {
        try await endBulkOperation(id, .cancelled)
        return try await bulkOperation(id)
    }

    private static func bulkOperation(
        _ id: BulkOperation.ID, _ connection: Connection, _ tables: Tables
    ) throws -> BulkOperation? {
        try connection.run("SELECT \(BulkOperation.columns) FROM \(tables.bulkOperations) WHERE id = \(id)").rows.first
            .map(BulkOperation.init)
    }

    // MARK: For who does it

    /// The operation when it runs and this process works at it.
    static func bulkOperation(
        _ id: BulkOperation.ID, of runner: String, isLocked: Bool, _ connection: Connection, _ tables: Tables
    ) throws -> BulkOperation? {
        let find: Query = """
            SELECT \(BulkOperation.columns) FROM \(tables.bulkOperations)
            WHERE id = \(id) AND state = \(BulkOperation.State.running.rawValue) AND runner = \(runner)
            """
        return try connection.run(isLocked ? find + " FOR UPDATE" : find).rows.first.map(BulkOperation.init)
    }

    /// Writes down how far it is.
    static func advance(
        _ id: BulkOperation.ID, done: Int, skipped: Int, reached: DeadLetterCursor?, isLast: Bool, _ lease: Duration,
        _ connection: Connection, _ tables: Tables
    ) throws(MySQLError) {
        let state = isLast ? BulkOperation.State.done : .running
        try connection.run(
            """
            UPDATE \(tables.bulkOperations) SET done = done + \(done), skipped = skipped + \(skipped),
              reached_time = \(optional: reached?.diedAt), reached_id = \(optional: reached?.id),
              state = \(state.rawValue), updated_at = UTC_TIMESTAMP(6),
              finished_at = CASE WHEN \(isLast ? 1 : 0) = 1 THEN UTC_TIMESTAMP(6) END,
              lease_until = UTC_TIMESTAMP(6) + INTERVAL \(lease.microseconds) MICROSECOND
            WHERE id = \(id)
            """)
    }

    package func endBulkOperation(
        _ id: BulkOperation.ID, _ state: BulkOperation.State, problem: String? = nil
    ) async throws {
        let tables = tables
        try await front.retrying { connection in
            _ = try connection.run(
                """
                UPDATE \(tables.bulkOperations) SET state = \(state.rawValue), problem = \(optional: problem?.fitting(500)),
                  updated_at = UTC_TIMESTAMP(6), finished_at = UTC_TIMESTAMP(6)
                WHERE id = \(id) AND state = \(BulkOperation.State.running.rawValue)
                """)
        }
    }

    /// Takes those that run and that nobody works at.
    package func takeBulkOperations(_ runner: String, lease: Duration) async throws -> [BulkOperation] {
        let tables = tables
        let running = BulkOperation.State.running.rawValue
        return try await front.retrying { connection in
            let free: Query = "(lease_until IS NULL OR lease_until <= UTC_TIMESTAMP(6))"
            // A plain read first: mostly there are none.
            let ids = try connection.run(
                "SELECT id FROM \(tables.bulkOperations) WHERE state = \(running) AND " + free
            ).rows.map { UInt64(try $0.integer(0)) }
            return try ids.compactMap { id in
                let take: Query = """
                    UPDATE \(tables.bulkOperations) SET runner = \(runner),
                      lease_until = UTC_TIMESTAMP(6) + INTERVAL \(lease.microseconds) MICROSECOND
                    WHERE id = \(id) AND state = \(running) AND 
                    """
                guard try connection.run(take + free).affected == 1 else { return nil }
                return try Self.bulkOperation(id, connection, tables)
            }
        }
    }

    /// Gives up what this process works at: another can go on at once.
    package func releaseBulkOperations(_ runner: String) async throws {
        let tables = tables
        try await front.retrying { connection in
            _ = try connection.run(
                """
                UPDATE \(tables.bulkOperations) SET lease_until = UTC_TIMESTAMP(6)
                WHERE state = \(BulkOperation.State.running.rawValue) AND runner = \(runner)
                """)
        }
    }
}

extension Query.Interpolation {
    mutating func appendInterpolation(_ columns: StaticString) {
        appendLiteral("\(columns)")
    }
}
