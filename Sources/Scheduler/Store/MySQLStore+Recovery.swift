package import MySQL

/// What recovery did with one batch of a dead incarnation's claims.
package struct Recovered: Sendable, Equatable {
    /// Not started: given back, no attempt used.
    package var returned = 0
    /// Running when it died, and tried again.
    package var retried = 0
    /// Running when it died, and parked or out of retries.
    package var died = 0
    /// Nothing of the incarnation is left.
    package var isDone = false

    package init() {}

    package var count: Int { returned + retried + died }
}

/// A claim of a dead incarnation that was running.
package struct LostAttempt: Sendable {
    package var id: TaskID
    package var queueID: Int
    package var url: String
    package var planTime: Timestamp
    package var attempt: Int
    package var startedAt: Timestamp
    package var retriesFrom: Int
    package var version: Int
    package var retrySchedule: RetrySchedule
    package var onLost: OnLost
    package var expiresAt: Timestamp?
    /// nil: it asks for no follow-up.
    package var followUps: FollowUpSource?

    package init(
        id: TaskID, queueID: Int, url: String, planTime: Timestamp, attempt: Int, startedAt: Timestamp,
        retriesFrom: Int, version: Int, retrySchedule: RetrySchedule, onLost: OnLost
    ) {
        self.id = id
        self.queueID = queueID
        self.url = url
        self.planTime = planTime
        self.attempt = attempt
        self.startedAt = startedAt
        self.retriesFrom = retriesFrom
        self.version = version
        self.retrySchedule = retrySchedule
        self.onLost = onLost
    }
}

extension MySQLStore {
    /// Takes over a batch of an expired incarnation's claims. Whoever locks its row does the work; the others skip it.
    /// - Parameters:
    ///   - decide: what becomes of a task that was running; the lost attempt is logged with it.
    /// - Returns: nil when another instance is at it, or the incarnation is alive or done.
    package func recover(
        _ incarnation: UInt64, limit: Int, now: Timestamp,
        decide: @escaping @Sendable (LostAttempt) -> OutcomeRecord
    ) async throws -> Recovered? {
        let tables = tables
        return try await engine.withTransaction { connection in
            let expired = try connection.run(
                """
                SELECT incarnation FROM \(tables.instances) WHERE incarnation = \(incarnation) AND ended_at IS NULL
                  AND lease_until <= UTC_TIMESTAMP(6) FOR UPDATE SKIP LOCKED
                """
            ).rows
            if expired.isEmpty { return nil }
            // A plain read of a small table: the rows are then locked by primary key, all that is left of a dead one
            // being ours alone.
            let ids = try connection.run(
                "SELECT task_id FROM \(tables.claims) WHERE incarnation = \(incarnation) LIMIT \(limit)"
            ).rows.map { try $0.taskID(0) }
            var recovered = Recovered()
            if ids.isEmpty {
                try connection.run(
                    "UPDATE \(tables.instances) SET ended_at = UTC_TIMESTAMP(6) WHERE incarnation = \(incarnation)")
                recovered.isDone = true
                return recovered
            }
            var script = Script(capacity: ids.count * 80)
            script.begin(
                "SELECT task_id, queue_id, plan_time, attempt, started_at FROM ", .table(tables.claims),
                " FORCE INDEX (PRIMARY) WHERE task_id IN ")
            script.list(ids.sorted())
            script.begin(" AND incarnation = ", .value(incarnation), " FOR UPDATE")
            script.end()
            script.begin(
                "SELECT id, retries_from, version, max_retries, retry_delays, on_lost, url, task_key, expires_at, ",
                "on_success IS NOT NULL OR on_failure IS NOT NULL FROM ",
                .table(tables.tasks),
                " WHERE id IN ")
            script.list(ids)
            script.end()
            let results = try connection.run(script)
            let details = Dictionary(uniqueKeysWithValues: try results[1].rows.map { (try $0.taskID(0), $0) })

            let following = try results[1].rows.filter { try $0.integer(9) == 1 }.map { try $0.taskID(0) }
            let sources = following.isEmpty ? [:] : try self.followUps(of: following, connection)

            var placements: [Placement] = []
            var outcomes: [OutcomeRecord] = []
            for row in results[0].rows {
                let (id, queueID, planTime) = (try row.taskID(0), try row.integer(1), try row.time(2))
                guard let startedAt = try row.optional(4, Row.time), let task = details[id] else {
                    placements.append(Placement(id: id, queueID: queueID, planTime: planTime, place: .ready))
                    continue
                }
                var lost = LostAttempt(
                    id: id, queueID: queueID, url: try task.text(6), planTime: planTime, attempt: try row.integer(3),
                    startedAt: startedAt, retriesFrom: try task.integer(1), version: try task.integer(2),
                    retrySchedule: RetrySchedule(
                        maxRetries: try task.integer(3), delays: RetrySchedule.delays(fromText: try task.text(4))),
                    onLost: OnLost(code: try task.integer(5)))
                lost.expiresAt = try task.optional(8, Row.time)
                lost.followUps = sources[id]
                var outcome = decide(lost)
                outcome.key = try task.optional(7, Row.text)
                outcomes.append(outcome)
            }
            script = Script(capacity: ids.count * 300)
            script.moveToReady(placements, now: now, tables)
            if !outcomes.isEmpty {
                script.begin("DELETE c FROM ", .table(tables.claims), " c FORCE INDEX (PRIMARY) WHERE c.task_id IN ")
                script.list(outcomes.map(\.id).sorted())
                script.end()
                try connection.run(script)
                try Self.insert(followUpsOf: outcomes, now: now, connection, tables)
                script = Script(capacity: outcomes.count * 500)
                script.record(outcomes, now: now, tables)
            }
            try connection.run(script)
            recovered.returned = placements.count
            recovered.died = outcomes.count { $0.reason != nil }
            recovered.retried = outcomes.count - recovered.died
            return recovered
        }
    }
}
