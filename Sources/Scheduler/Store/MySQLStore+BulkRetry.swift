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
            guard let operation = try Self.bulkOperation(id, of: runner, isLocked: false, connection, tables) else {
                return nil
            }

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
                guard try Self.bulkOperation(id, of: runner, isLocked: true, connection, tables) != nil else {
                    return nil
                }
                let done = try Self.retry(found.map(\.id), diedBy: operation.createdAt, now, connection, tables)
                try Self.advance(
                    id, done: done, skipped: found.count - done, reached: position, isLast: isLast, lease, connection,
                    tables)
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
            "SELECT STRAIGHT_JOIN t.id, t.queue_id, t.task_key FROM ", .table(tables.tasks),
            " t FORCE INDEX (PRIMARY) JOIN ",
            .table(tables.deadLetters), " d FORCE INDEX (PRIMARY) ON d.task_id = t.id WHERE t.state = ",
            .value(StoredState.dead.rawValue), " AND d.died_at <= ", .value(time), " AND t.id IN ")
        script.list(ids.sorted())
        script.begin(" FOR UPDATE")
        script.end()
        return try revive(connection.run(script)[0].rows, now, connection, tables)
    }

    /// Gives those that are dead or cancelled a new life, due now. - Returns: how many.
    static func revive(
        _ ids: [TaskID], _ now: Timestamp, _ connection: Connection, _ tables: Tables
    ) throws -> Int {
        let closed = try closedDay(connection, tables)
        let ids = ids.filter { closed?.contains($0) != true }
        if ids.isEmpty { return 0 }
        var script = Script(capacity: ids.count * 40 + 400)
        script.begin(
            "SELECT id, queue_id, task_key FROM ", .table(tables.tasks), " FORCE INDEX (PRIMARY) WHERE state IN (",
            .value(StoredState.dead.rawValue), ", ", .value(StoredState.cancelled.rawValue), ") AND id IN ")
        script.list(ids.sorted())
        script.begin(" FOR UPDATE")
        script.end()
        return try revive(connection.run(script)[0].rows, now, connection, tables)
    }

    /// - Parameter rows: id, queue and key of each; locked.
    private static func revive(
        _ rows: [Row], _ now: Timestamp, _ connection: Connection, _ tables: Tables
    ) throws -> Int {
        var placements: [Placement] = []
        var keys: [(id: KeyID, task: TaskID)] = []
        for row in rows {
            let (id, queueID) = (try row.taskID(0), try row.integer(1))
            placements.append(Placement(id: id, queueID: queueID, planTime: now, place: .ready))
            if let key = try row.optional(2, Row.text) { keys.append((KeyID(queueID: queueID, key: key), id)) }
        }
        if !keys.isEmpty {
            // The key of one may be that of a live task by now: it stays dead.
            let holders = try take(keys, connection, tables)
            let late = Set(keys.filter { holders[$0.id] != $0.task }.map(\.task))
            placements.removeAll { late.contains($0.id) }
        }
        if placements.isEmpty { return 0 }
        let dead = placements.map(\.id).sorted()
        var script = Script(capacity: dead.count * 200)
        script.begin(
            "UPDATE ", .table(tables.tasks), " FORCE INDEX (PRIMARY) SET state = ",
            .value(StoredState.scheduled.rawValue), ", retries_from = attempt, deferred_from = NULL, plan_time = ",
            .value(now), ", entered_at = ", .value(now),
            ", finished_at = NULL, version = version + 1, expires_at = IF(expires_at <= ",
            .value(now), ", NULL, expires_at), expired = 0 WHERE id IN ")
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
