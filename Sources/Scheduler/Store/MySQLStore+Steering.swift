package import MySQL

/// What a person or a program does to one task.
package enum Steering: Sendable {
    case cancel
    case edit(TaskEdit)
    case runNow
    /// A new life for one that is dead or cancelled.
    case retry
    /// One of these, if the task still has one of the versions.
    indirect case only(if: Set<Int>, Steering)

    /// A new time, a new request, or both; nil stays.
    package static func edit(planTime: Timestamp?, request: CallbackRequest?) -> Steering {
        .edit(TaskEdit(planTime: planTime, request: request))
    }
}

/// What came of it.
package enum SteeringResult: Sendable {
    case notFound
    /// The task is in a state in which this cannot be done.
    case conflict(TaskState)
    /// The task has ended, and its day is just being removed.
    case beingRemoved(TaskState)
    /// It has this version, which was not expected.
    case changed(Int)
    /// Another live task has its key.
    case keyTaken(TaskID)
    /// Done, and where the live row went.
    case done(TaskRecord, Placement?)
}

extension MySQLStore {
    /// Does it in one transaction that begins by taking the task's row out of the table where it waits: the row count
    /// says who won against a claim, a start or somebody else's steering.
    /// - Parameter place: decides where a live row of a queue goes for a plan time.
    package func steer(
        _ id: TaskID, _ steering: Steering, now: Timestamp, place: @escaping @Sendable (Int, Timestamp) -> Place
    ) async throws -> SteeringResult {
        let tables = tables
        return try await front.retrying(attempts: 20) { connection in
            do throws(any Error) {
                return try connection.transaction { connection in
                    try Self.steer(id, steering, now, place, connection, tables, self)
                }
            } catch let changed as Changed {
                return .changed(changed.version)
            } catch let taken as KeyTaken {
                return .keyTaken(taken.holder)
            } catch let moved as Moved {
                _ = moved
                // Between two looks the row changed tables. The whole again, as after a deadlock.
                throw MySQLError(.recordChanged, "task \(id) keeps moving between stages")
            }
        }
    }

    struct Moved: Error {}

    /// What ends the transaction without a trace.
    private struct KeyTaken: Error {
        let holder: TaskID
    }

    /// What ends the transaction without a trace.
    private struct Changed: Error {
        let version: Int
    }

    /// - Parameter isCounted: whether this change is counted in the version already.
    /// - Throws: when it is another version. Its live row, or its own, is locked by now: the version stays.
    private static func expect(
        _ versions: Set<Int>?, of id: TaskID, isCounted: Bool = false, _ connection: Connection, _ tables: Tables
    ) throws {
        guard let versions else { return }
        let rows = try connection.run("SELECT version FROM \(tables.tasks) WHERE id = \(id) FOR UPDATE").rows
        let version = (try rows.first?.integer(0) ?? 0) - (isCounted ? 1 : 0)
        if !versions.contains(version) { throw Changed(version: version) }
    }

    static func steer(
        _ id: TaskID, _ steering: Steering, _ now: Timestamp, _ place: (Int, Timestamp) -> Place,
        _ connection: Connection,
        _ tables: Tables, _ store: MySQLStore
    ) throws -> SteeringResult {
        var (steering, versions) = (steering, Set<Int>?.none)
        if case .only(let expected, let inner) = steering { (steering, versions) = (inner, expected) }
        // Not locked: every transaction locks the live row first and the task's after it, so this one must too.
        let details = try connection.run(
            "SELECT queue_id, plan_time, entered_at, state, attempt, task_key FROM \(tables.tasks) WHERE id = \(id)"
        ).rows.first
        guard let details, let stored = StoredState(rawValue: UInt8(try details.integer(3))) else { return .notFound }
        let queueID = try details.integer(0)
        let key = try details.optional(5, Row.text).map { KeyID(queueID: queueID, key: $0) }
        var planTime = try details.time(1)

        if case .retry = steering {
            guard stored == .dead || stored == .cancelled else { return .conflict(try visible(id, connection, store)) }
            if try closedDay(connection, tables)?.contains(id) == true {
                return .beingRemoved(stored.visible(claim: nil))
            }
            // Asked once: room may come and go meanwhile, and the row must be where the task says.
            let place = place(queueID, now)
            let changed = try connection.run(
                """
                UPDATE \(tables.tasks) SET state = \(StoredState.scheduled.rawValue), retries_from = attempt,
                  plan_time = \(now), deferred_from = NULL, entered_at = \(optional: place == .ready ? now : nil),
                  finished_at = NULL,
                  version = version + 1, expires_at = IF(expires_at <= \(now), NULL, expires_at), expired = 0
                WHERE id = \(id) AND state = \(stored.rawValue)
                """)
            guard changed.affected == 1 else { throw Moved() }
            try expect(versions, of: id, isCounted: true, connection, tables)
            try connection.run("DELETE FROM \(tables.deadLetters) WHERE task_id = \(id)")
            if let key, let holder = try take([(key, id)], connection, tables)[key], holder != id {
                throw KeyTaken(holder: holder)
            }
            return try enter(id, queueID, now, place, now, connection, tables, store)
        }

        guard stored == .scheduled || stored == .retrying else {
            return .conflict(try visible(id, connection, store))
        }
        guard try takeLiveRow(id, queueID, planTime, try details.optional(2, Row.time), connection, tables) else {
            let state = try visible(id, connection, store)
            // Finished or running it is lost; waiting somewhere else it has moved while we looked.
            if state.isFinished || state == .running { return .conflict(state) }
            throw Moved()
        }
        try expect(versions, of: id, connection, tables)
        switch steering {
        case .cancel:
            try connection.run(
                """
                UPDATE \(tables.tasks) SET state = \(StoredState.cancelled.rawValue), finished_at = \(now),
                  version = version + 1 WHERE id = \(id)
                """)
            if let key {
                var script = Script(capacity: 200)
                script.release([key: id], tables)
                try connection.run(script)
            }
            return .done(try record(id, connection, store), nil)
        case .runNow:
            planTime = now
        case .edit(let edit):
            planTime = edit.planTime ?? planTime
            if let request = edit.request {
                try connection.run(
                    """
                    UPDATE \(tables.tasks) SET method = \(request.method), url = \(request.url),
                      headers = \(optional: request.headerText), body = \(optional: request.body), max_redirects = \(request.maxRedirects),
                      request_version = version + 1
                    WHERE id = \(id)
                    """)
            }
            if edit.planTime != nil {
                try connection.run("UPDATE \(tables.tasks) SET requested_time = \(planTime) WHERE id = \(id)")
            }
            if let expiresAt = edit.expiresAt {
                try connection.run(
                    "UPDATE \(tables.tasks) SET expires_at = \(optional: expiresAt) WHERE id = \(id)")
            }
            for (occasion, followUp) in edit.followUps {
                try connection.run(
                    "UPDATE \(tables.tasks) SET " + occasion.column
                        + " = \(optional: followUp?.text) WHERE id = \(id)")
            }
        case .retry, .only: break
        }
        let place = place(queueID, planTime)
        try connection.run(
            """
            UPDATE \(tables.tasks) SET deferred_from = IF(plan_time = \(planTime), deferred_from, NULL),
              plan_time = \(planTime), entered_at = \(optional: place == .ready ? now : nil), version = version + 1
            WHERE id = \(id)
            """)
        return try enter(id, queueID, planTime, place, now, connection, tables, store)
    }

    /// Deletes the row from whichever table it waits in. - Returns: false when it waits in none.
    private static func takeLiveRow(
        _ id: TaskID, _ queueID: Int, _ planTime: Timestamp, _ enteredAt: Timestamp?, _ connection: Connection,
        _ tables: Tables
    ) throws(MySQLError) -> Bool {
        var script = Script(capacity: 400)
        script.statement(
            "DELETE FROM ", .table(tables.scheduled), " WHERE queue_id = ", .value(queueID), " AND plan_time = ",
            .value(planTime), " AND task_id = ", .value(id))
        if let enteredAt {
            script.statement(
                "DELETE FROM ", .table(tables.ready), " WHERE queue_id = ", .value(queueID), " AND entered_at = ",
                .value(enteredAt), " AND task_id = ", .value(id))
        }
        script.statement(
            "DELETE FROM ", .table(tables.claims), " WHERE task_id = ", .value(id), " AND started_at IS NULL")
        return try connection.run(script).reduce(0) { $0 + $1.affected } == 1
    }

    private static func enter(
        _ id: TaskID, _ queueID: Int, _ planTime: Timestamp, _ place: Place, _ now: Timestamp, _ connection: Connection,
        _ tables: Tables, _ store: MySQLStore
    ) throws -> SteeringResult {
        var script = Script(capacity: 400)
        let placement = Placement(id: id, queueID: queueID, planTime: planTime, place: place)
        script.insert([placement], now: now, tables)
        try connection.run(script)
        return .done(try record(id, connection, store), placement)
    }

    private static func record(_ id: TaskID, _ connection: Connection, _ store: MySQLStore) throws -> TaskRecord {
        guard let record = try read(one(id, store.tables), connection, store).first else {
            throw MySQLError(.unexpectedRow, "task \(id) has vanished")
        }
        return record
    }

    private static func visible(_ id: TaskID, _ connection: Connection, _ store: MySQLStore) throws -> TaskState {
        try record(id, connection, store).state
    }
}
