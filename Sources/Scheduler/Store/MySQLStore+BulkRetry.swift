package import MySQL

/// One step of an operation.
package struct BulkStep: Sendable, Equatable {
    /// Tasks that it took in hand.
    package var taken = 0
    /// Of them, those that were retried.
    package var done = 0
    package var isLast = false
}

extension MySQLStore {
    /// Retries the next dead letters of an operation and writes down how far it is, in one transaction: whoever goes on
    /// after a crash goes on exactly there. They enter `ready`, for whoever has room.
    /// - Parameters:
    ///   - limit: the most tasks.
    ///   - budget: about how long is searched for them.
    /// - Returns: nil when it is over, or another process has taken it.
    package func retryDeadLetters(
        of id: BulkOperation.ID, runner: String, lease: Duration, limit: Int, now: Timestamp,
        budget: Duration = .milliseconds(200)
    ) async throws -> BulkStep? {
        let tables = tables
        return try await front.retrying { connection in
            let mine: Query = " AND state = \(BulkOperation.State.running.rawValue) AND runner = \(runner)"
            let find: Query = "SELECT \(BulkOperation.columns) FROM \(tables.bulkOperations) WHERE id = \(id)"
            guard let operation = try connection.run(find + mine).rows.first.map(BulkOperation.init) else { return nil }

            let end = ContinuousClock.now.advanced(by: budget)
            var scan = try DeadLetterScan(
                operation.filter, .oldestFirst, until: operation.createdAt, behind: operation.reached, connection,
                tables)
            var hits: [DeadLetterCursor] = []
            repeat {
                hits += try scan.next(operation.filter.isSearch ? 1000 : limit, connection)
            } while hits.count < limit && !scan.isAtEnd && ContinuousClock.now < end
            if hits.count > limit {
                hits.removeLast(hits.count - limit)
                scan.step(backTo: hits[limit - 1])
            }
            let (found, position, isLast) = (hits, scan.position, scan.isAtEnd)

            return try connection.transaction { connection in
                // The operation's row first, then the tasks' in the order in which everybody takes them.
                guard try connection.run(find + mine + " FOR UPDATE").rows.count == 1 else { return nil }
                let done = try Self.retry(found.map(\.id), diedBy: operation.createdAt, now, connection, tables)
                let state = isLast ? BulkOperation.State.done : .running
                try connection.run(
                    """
                    UPDATE \(tables.bulkOperations) SET done = done + \(done), skipped = skipped + \(found.count - done),
                      reached_time = \(optional: position?.diedAt), reached_id = \(optional: position?.id),
                      state = \(state.rawValue), updated_at = UTC_TIMESTAMP(6),
                      finished_at = CASE WHEN \(isLast ? 1 : 0) = 1 THEN UTC_TIMESTAMP(6) END,
                      lease_until = UTC_TIMESTAMP(6) + INTERVAL \(lease.microseconds) MICROSECOND
                    WHERE id = \(id)
                    """)
                return BulkStep(taken: found.count, done: done, isLast: isLast)
            }
        }
    }

    /// Gives those that are dead still a new life, due now. - Returns: how many.
    private static func retry(
        _ ids: [TaskID], diedBy time: Timestamp, _ now: Timestamp, _ connection: Connection, _ tables: Tables
    ) throws -> Int {
        let closed = try closedDay(connection, tables)
        let ids = ids.filter { closed?.contains($0) != true }
        if ids.isEmpty { return 0 }
        var script = Script(capacity: ids.count * 40 + 400)
        // What died again after it was retried by somebody else is another death.
        script.begin(
            "SELECT STRAIGHT_JOIN t.id, t.queue_id FROM ", .table(tables.tasks), " t FORCE INDEX (PRIMARY) JOIN ",
            .table(tables.deadLetters), " d FORCE INDEX (PRIMARY) ON d.task_id = t.id WHERE t.state = ",
            .value(StoredState.dead.rawValue), " AND d.died_at <= ", .value(time), " AND t.id IN ")
        script.list(ids.sorted())
        script.begin(" FOR UPDATE")
        script.end()
        let placements = try connection.run(script)[0].rows.map { row in
            Placement(id: try row.taskID(0), queueID: try row.integer(1), planTime: now, place: .ready)
        }
        if placements.isEmpty { return 0 }
        let dead = placements.map(\.id).sorted()
        script = Script(capacity: dead.count * 200)
        script.begin(
            "UPDATE ", .table(tables.tasks), " FORCE INDEX (PRIMARY) SET state = ",
            .value(StoredState.scheduled.rawValue), ", retries_from = attempt, plan_time = ", .value(now),
            ", entered_at = ", .value(now), ", finished_at = NULL, version = version + 1 WHERE id IN ")
        script.list(dead)
        script.end()
        script.begin("DELETE d FROM ", .table(tables.deadLetters), " d FORCE INDEX (PRIMARY) WHERE d.task_id IN ")
        script.list(dead)
        script.end()
        script.insert(placements, now: now, tables)
        try connection.run(script)
        return dead.count
    }
}
