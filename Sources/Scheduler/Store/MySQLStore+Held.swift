import MySQL

/// What became of transactions whose COMMIT was not answered.
extension MySQLStore {
    /// Which of these an incarnation has in `claims` by the claim of that time: the answer to a COMMIT whose outcome is
    /// unknown. A row of the same incarnation may be another's doing by then: that of a confirmed edit, or a new time.
    func heldClaims(
        _ rows: [ClaimedRow], _ range: ClaimRange, incarnation: UInt64, claimedAt: Timestamp
    ) async throws -> [TaskID] {
        let tables = tables
        return try await untilReachable { connection in
            try connection.transaction { connection in
                // The transaction may be under way still: it has these rows locked until it has ended.
                var lock = Script(capacity: rows.count * 80)
                let (table, order): (TableName, Script.Part) =
                    range.stage == .scheduled ? (tables.scheduled, "plan_time") : (tables.ready, "entered_at")
                lock.begin("SELECT COUNT(*) FROM ", .table(table), " FORCE INDEX (PRIMARY) WHERE (queue_id, ", order)
                lock.begin(", task_id) IN (")
                lock.rows(rows) { row, head in
                    row.value(range.queueID)
                    row.value(head.order)
                    row.value(head.id)
                }
                lock.begin(") FOR UPDATE")
                lock.end()
                try connection.run(lock)
                return try connection.run(
                    """
                    SELECT task_id FROM \(tables.claims) WHERE task_id IN \(list: rows.map(\.id))
                      AND incarnation = \(incarnation) AND claimed_at = \(claimedAt)
                    """
                ).rows.map { try $0.taskID(0) }
            }
        }
    }

    /// What the incarnation has in `claims` and has not started: for when the wheel may lack some of it.
    package func held(_ incarnation: UInt64) async throws -> [WheelEntry] {
        let tables = tables
        return try await engine.retrying { connection in
            try connection.run(
                "SELECT plan_time, task_id FROM \(tables.claims) WHERE incarnation = \(incarnation) AND started_at IS NULL"
            ).rows.map { WheelEntry(planTime: try $0.time(0), id: try $0.taskID(1)) }
        }
    }

    /// Asks again and again while the database is away: the caller cannot go on without the answer.
    func untilReachable<T: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> T
    ) async throws -> T {
        var pause = 50
        while true {
            do {
                return try await engine.retrying(body)
            } catch let error as MySQLError where error.isTransient {
                try await Task.sleep(for: .milliseconds(Int.random(in: pause / 2...pause)))
                pause = min(pause * 2, 2000)
            }
        }
    }
}
