package import MySQL

extension MySQLStore {
    /// Writes a batch of outcomes in one transaction, fenced by the incarnation.
    ///
    /// It begins with the DELETE from `claims`, whose row count decides: what was lost to another incarnation is left
    /// alone. Sent again after a COMMIT whose outcome is unknown, it finds the attempts that were recorded.
    /// - Returns: the ids whose outcome was superseded.
    package func record(_ outcomes: [OutcomeRecord], incarnation: UInt64, now: Timestamp) async throws -> Set<TaskID> {
        let tables = tables
        return try await engine.retrying { connection in
            do {
                if try Self.recordAll(outcomes, incarnation, now, connection, tables) { return [] }
                return try Self.recordHeld(outcomes, incarnation, now, connection, tables)
            } catch {
                if (error as? MySQLError)?.losesConnection != true { connection.rollback() }
                throw error
            }
        }
    }

    /// - Returns: false, with nothing done, when not all rows are ours any more.
    private static func recordAll(
        _ outcomes: [OutcomeRecord], _ incarnation: UInt64, _ now: Timestamp, _ connection: Connection, _ tables: Tables
    ) throws -> Bool {
        var script = Script(capacity: outcomes.count * 40)
        script.statement("START TRANSACTION")
        // The multi-table form, because the other takes no index hint: without it the optimizer may scan the table and
        // wait for the rows of others.
        for (claim, ids) in outcomes.lazy.map({ ($0.claim, $0.id) }).grouped() {
            script.begin("DELETE c FROM ", .table(tables.claims), " c FORCE INDEX (PRIMARY) WHERE c.task_id IN ")
            script.list(ids)
            // The attempt too: sent again after a COMMIT that was not answered, it may meet the task's next one.
            script.begin(" AND c.incarnation = ", .value(incarnation), " AND c.attempt = ", .value(claim.attempt))
            if let startedAt = claim.startedAt { script.begin(" AND c.started_at = ", .value(startedAt)) }
            script.end()
        }
        guard try connection.run(script).dropFirst().reduce(0, { $0 + $1.affected }) == outcomes.count else {
            connection.rollback()
            return false
        }
        try insert(followUpsOf: outcomes, now: now, connection, tables)
        script = Script(capacity: outcomes.count * 500)
        script.record(outcomes, now: now, tables)
        script.statement("COMMIT")
        try connection.run(script)
        return true
    }

    /// The same for those that are still ours.
    private static func recordHeld(
        _ outcomes: [OutcomeRecord], _ incarnation: UInt64, _ now: Timestamp, _ connection: Connection, _ tables: Tables
    ) throws -> Set<TaskID> {
        var script = Script(capacity: outcomes.count * 80)
        let ids = outcomes.map(\.id).sorted()
        script.statement("START TRANSACTION")
        script.begin(
            "SELECT task_id, attempt, started_at FROM ", .table(tables.claims),
            " FORCE INDEX (PRIMARY) WHERE task_id IN ")
        script.list(ids)
        script.begin(" AND incarnation = ", .value(incarnation), " AND started_at IS NOT NULL FOR UPDATE")
        script.end()
        script.begin("SELECT task_id, attempt FROM ", .table(tables.attempts), " WHERE incarnation = ")
        // Recovery logs an attempt that it gave up under the incarnation that made it.
        script.begin(.value(incarnation), " AND class <> 'lost' AND task_id IN ")
        script.list(ids)
        script.end()
        let results = try connection.run(script)
        var held: [TaskID: OutcomeRecord.ClaimKey] = [:]
        for row in results[1].rows {
            held[try row.taskID(0)] = OutcomeRecord.ClaimKey(attempt: try row.integer(1), startedAt: try row.time(2))
        }
        var recorded: [TaskID: Set<Int>] = [:]
        for row in results[2].rows { recorded[try row.taskID(0), default: []].insert(try row.integer(1)) }
        let ours = outcomes.filter { outcome in held[outcome.id].map { outcome.claim.means($0) } ?? false }
        script = Script(capacity: ours.count * 500)
        if !ours.isEmpty {
            script.begin("DELETE c FROM ", .table(tables.claims), " c FORCE INDEX (PRIMARY) WHERE c.task_id IN ")
            script.list(ours.map(\.id).sorted())
            script.end()
            try connection.run(script)
            try insert(followUpsOf: ours, now: now, connection, tables)
            script = Script(capacity: ours.count * 500)
            script.record(ours, now: now, tables)
        }
        script.statement("COMMIT")
        try connection.run(script)
        let done = Set(ours.map(\.id))
        // One that expired is not in the log, so nobody can tell whether it was recorded by us or by another.
        let lost = outcomes.filter { outcome in
            !done.contains(outcome.id) && recorded[outcome.id]?.contains(outcome.attempt.attempt) != true
                && !outcome.isExpired
        }
        return Set(lost.map(\.id))
    }
}
