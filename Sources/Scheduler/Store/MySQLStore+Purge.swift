package import MySQL

extension MySQLStore {
    /// Cancels the next tasks of a queue that wait, of those there were when the operation was asked for, and writes down
    /// how far it is, in one transaction.
    /// - Returns: nil when it is over, or another process has taken it.
    package func cancelWaiting(
        of id: BulkOperation.ID, runner: String, lease: Duration, limit: Int, now: Timestamp
    ) async throws -> BulkStep? {
        let tables = tables
        return try await front.withTransaction { connection in
            let mine: Query = " AND state = \(BulkOperation.State.running.rawValue) AND runner = \(runner) FOR UPDATE"
            let find: Query = "SELECT \(BulkOperation.columns) FROM \(tables.bulkOperations) WHERE id = \(id)"
            guard let operation = try connection.run(find + mine).rows.first.map(BulkOperation.init) else { return nil }
            let queue = try operation.filter.queue.flatMap { try Self.knownQueueID($0, connection, tables) }
            var step = BulkStep()
            if let queue {
                let end = TaskID(milliseconds: operation.createdAt.microseconds / 1000 + 1, random: (0, 0))
                for stage in WaitingStage.allCases where step.taken < limit {
                    let ids = try Self.take(
                        stage, of: queue, before: end, limit - step.taken, &step, connection, tables)
                    try Self.cancel(ids, now, connection, tables)
                    step.done += ids.count
                }
            }
            step.isLast = step.taken == 0
            let state = step.isLast ? BulkOperation.State.done : .running
            try connection.run(
                """
                UPDATE \(tables.bulkOperations) SET done = done + \(step.done), state = \(state.rawValue),
                  updated_at = UTC_TIMESTAMP(6),
                  finished_at = CASE WHEN \(step.isLast ? 1 : 0) = 1 THEN UTC_TIMESTAMP(6) END,
                  lease_until = UTC_TIMESTAMP(6) + INTERVAL \(lease.microseconds) MICROSECOND
                WHERE id = \(id)
                """)
            return step
        }
    }

    private enum WaitingStage: CaseIterable {
        case scheduled, ready, claims
    }

    /// Takes rows out of where they wait. - Returns: those that nobody else had.
    private static func take(
        _ stage: WaitingStage, of queue: Int, before end: TaskID, _ limit: Int, _ step: inout BulkStep,
        _ connection: Connection, _ tables: Tables
    ) throws -> [TaskID] {
        // A plain read finds them: what is locked is no more than what is taken.
        let (table, order): (TableName, Script.Part) =
            switch stage {
            case .scheduled: (tables.scheduled, "plan_time")
            case .ready: (tables.ready, "entered_at")
            case .claims: (tables.claims, "plan_time")
            }
        var script = Script(capacity: 300)
        script.begin(
            "SELECT task_id, ", order, " FROM ", .table(table), " WHERE queue_id = ", .value(queue), " AND task_id < ",
            .value(end))
        if stage == .claims { script.begin(" AND started_at IS NULL") } else { script.begin(" ORDER BY ", order) }
        script.begin(" LIMIT ", .value(limit))
        script.end()
        let found = try connection.run(script)[0].rows.map { (id: try $0.taskID(0), order: try $0.time(1)) }
        if found.isEmpty { return [] }
        step.taken += found.count
        script = Script(capacity: found.count * 100)
        if stage == .claims {
            script.begin("SELECT task_id FROM ", .table(table), " FORCE INDEX (PRIMARY) WHERE task_id IN ")
            script.list(found.map(\.id).sorted())
            script.begin(" AND started_at IS NULL FOR UPDATE SKIP LOCKED")
        } else {
            script.begin(
                "SELECT task_id FROM ", .table(table), " FORCE INDEX (PRIMARY) WHERE (queue_id, ", order,
                ", task_id) IN (")
            script.rows(found) { row, waiting in
                row.value(queue)
                row.value(waiting.order)
                row.value(waiting.id)
            }
            script.begin(") FOR UPDATE SKIP LOCKED")
        }
        script.end()
        let locked = Set(try connection.run(script)[0].rows.map { try $0.taskID(0) })
        let rows = found.filter { locked.contains($0.id) }
        if rows.isEmpty { return [] }
        script = Script(capacity: rows.count * 100)
        if stage == .claims {
            script.begin("DELETE c FROM ", .table(table), " c FORCE INDEX (PRIMARY) WHERE c.task_id IN ")
            script.list(rows.map(\.id).sorted())
        } else {
            script.begin("DELETE FROM ", .table(table), " WHERE (queue_id, ", order, ", task_id) IN (")
            script.rows(rows) { row, waiting in
                row.value(queue)
                row.value(waiting.order)
                row.value(waiting.id)
            }
            script.begin(")")
        }
        script.end()
        guard try connection.run(script)[0].affected == rows.count else {
            throw MySQLError(.recordChanged, "rows of queue \(queue) were locked and not deleted")
        }
        return rows.map(\.id)
    }

    private static func cancel(
        _ ids: [TaskID], _ now: Timestamp, _ connection: Connection, _ tables: Tables
    ) throws {
        if ids.isEmpty { return }
        var script = Script(capacity: ids.count * 40 + 200)
        script.begin(
            "UPDATE ", .table(tables.tasks), " FORCE INDEX (PRIMARY) SET state = ",
            .value(StoredState.cancelled.rawValue), ", finished_at = ", .value(now),
            ", version = version + 1 WHERE id IN ")
        script.list(ids.sorted())
        script.end()
        script.begin(
            "SELECT id, queue_id, task_key FROM ", .table(tables.tasks), " WHERE task_key IS NOT NULL AND id IN ")
        script.list(ids.sorted())
        script.end()
        var keys: [KeyID: TaskID] = [:]
        for row in try connection.run(script)[1].rows {
            keys[KeyID(queueID: try row.integer(1), key: try row.text(2))] = try row.taskID(0)
        }
        if keys.isEmpty { return }
        script = Script(capacity: keys.count * 120)
        script.release(keys, tables)
        try connection.run(script)
    }
}
