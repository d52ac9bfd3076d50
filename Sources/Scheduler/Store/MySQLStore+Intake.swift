package import MySQL

/// A checked task with its identity and the place it goes to.
package struct AcceptedTask: Sendable {
    package var id: TaskID
    package var task: NewTask
    package var queueID: Int
    package var createdAt: Timestamp
    package var place: Place
    /// The task that it duplicates.
    package var copyOf: TaskID?
    /// The task whose follow-up it is.
    package var follows: TaskID?

    package init(id: TaskID, task: NewTask, queueID: Int, createdAt: Timestamp, place: Place) {
        self.id = id
        self.task = task
        self.queueID = queueID
        self.createdAt = createdAt
        self.place = place
    }

    /// Of its key, as a live task has it; nil: it has none.
    package var keyID: KeyID? { task.key.map { KeyID(queueID: queueID, key: $0) } }

    package var placement: Placement { Placement(id: id, queueID: queueID, planTime: task.planTime, place: place) }
}

extension MySQLStore {
    /// Inserts a batch in one transaction and one round trip. Sent a second time after a COMMIT whose outcome is
    /// unknown, it finds by the ids whether the first took effect.
    package func insert(_ batch: [AcceptedTask], now: Timestamp) async throws {
        let tables = tables
        let ids = batch.map(\.id)
        // What waited in Redis for days has ids of then.
        let isOld = ids.contains { Self.mayBeClosed($0, now: now) }
        let script = insertScript(batch, now, isTransaction: !isOld)
        try await front.retrying { connection in
            do throws(MySQLError) {
                if isOld {
                    try connection.run(text: "START TRANSACTION")
                    try Self.refuseClosed(ids, connection, tables)
                }
                try connection.run(script)
                if isOld { try connection.run(text: "COMMIT") }
            } catch {
                if !error.losesConnection { connection.rollback() }
                guard error.code == .duplicateKey else { throw error.duringCommit }
                let known = try connection.run("SELECT COUNT(*) FROM \(tables.tasks) WHERE id IN \(list: ids)")
                guard try known.rows[0].integer(0) == ids.count else { throw error }
            }
        }
    }

    package func known(_ ids: [TaskID]) async throws -> Set<TaskID> {
        let tables = tables
        return try await front.retrying { connection in
            var script = Script(capacity: ids.count * 40)
            script.begin("SELECT id FROM ", .table(tables.tasks), " WHERE id IN ")
            script.list(ids)
            script.end()
            return Set(try connection.run(script)[0].rows.map { try $0.taskID(0) })
        }
    }

    private func insertScript(_ batch: [AcceptedTask], _ now: Timestamp, isTransaction: Bool) -> Script {
        var script = Script(capacity: batch.count * 600)
        if isTransaction { script.statement("START TRANSACTION") }
        script.insert(batch, now: now, tables)
        if isTransaction { script.statement("COMMIT") }
        return script
    }
}

extension Script {
    /// Writes new tasks, and their rows into the places they go to. `now` is when those for `ready` arrive there.
    mutating func insert(_ batch: [AcceptedTask], now: Timestamp, _ tables: Tables) {
        if batch.isEmpty { return }
        begin(
            "INSERT INTO ", .table(tables.tasks),
            """
             (id, queue_id, state, requested_time, plan_time, entered_at, method, url, headers, body, success_rule,
             max_retries, retry_delays, timeout_ms, max_redirects, on_lost, labels, created_at, success_criteria,
             traceparent, task_key, expires_at, on_success, on_failure, follows)
             VALUES 
            """)
        rows(batch) { row, accepted in
            let task = accepted.task
            row.value(accepted.id)
            row.value(accepted.queueID)
            row.value(StoredState.scheduled.rawValue)
            row.value(task.planTime)
            row.value(task.planTime)
            row.value(accepted.place == .ready ? now : nil)
            row.value(task.request.method)
            row.value(task.request.url)
            row.value(task.request.headerText)
            row.value(task.request.body)
            row.value(task.successRule.storedName)
            row.value(task.retrySchedule.maxRetries)
            row.value(task.retrySchedule.delayText)
            row.value(task.timeout.microseconds / 1000)
            row.value(task.request.maxRedirects)
            row.value(task.onLost.code)
            row.value(Labels.text(task.labels))
            row.value(accepted.createdAt)
            row.value(task.successRule.storedCriteria)
            row.value(task.trace?.text)
            row.value(task.key)
            row.value(task.expiresAt)
            row.value(task.followUps[.onSuccess]?.text)
            row.value(task.followUps[.onFailure]?.text)
            row.value(accepted.follows)
        }
        end()
        insert(copies: batch, tables)
        insert(batch.map(\.placement), now: now, tables)
    }
}
