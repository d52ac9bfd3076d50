package import MySQL

/// A schedule with what only the store knows of it.
package struct StoredSchedule: Sendable {
    package var schedule: NewSchedule
    package var nextAt: Timestamp?
    package var queueID: Int
}

/// What one look at the schedules led to.
package struct MadeRuns: Sendable {
    /// Schedules that were moved on.
    package var schedules = 0
    package var placements: [Placement] = []
    /// Schedules that this version or machine cannot read.
    package var problems: [String] = []
}

extension MySQLStore {
    // MARK: Runs

    /// Makes the tasks of runs that come near, and moves their schedules on, in one transaction. What another instance is
    /// at is passed over.
    /// - Parameter plan: gives the tasks of a schedule's runs, and where it goes on.
    package func makeRuns(
        now: Timestamp, limit: Int,
        plan: @escaping @Sendable (StoredSchedule, _ lastIsLive: Bool) -> (RunPlan, [AcceptedTask])
    ) async throws -> MadeRuns {
        let tables = tables
        return try await front.retrying { connection in
            do {
                return try Self.makeRuns(now, limit, plan, connection, tables)
            } catch {
                if (error as? MySQLError)?.losesConnection != true { connection.rollback() }
                throw error
            }
        }
    }

    private static func makeRuns(
        _ now: Timestamp, _ limit: Int, _ plan: (StoredSchedule, Bool) -> (RunPlan, [AcceptedTask]),
        _ connection: Connection, _ tables: Tables
    ) throws -> MadeRuns {
        var script = Script()
        script.statement("START TRANSACTION")
        // By the index alone, so that nothing else is locked.
        script.begin(
            "SELECT id FROM ", .table(tables.schedules), " FORCE INDEX (make_at) WHERE make_at <= ", .value(now))
        script.begin(" ORDER BY make_at LIMIT ", .value(limit), " FOR UPDATE SKIP LOCKED")
        script.end()
        let ids = try connection.run(script)[1].rows.map { try $0.integer(0) }
        var made = MadeRuns()
        guard !ids.isEmpty else {
            connection.rollback()
            return made
        }
        let rows = try connection.run(
            "SELECT \(Schedule.columns), queue_id FROM \(tables.schedules) WHERE id IN \(list: ids)"
        ).rows
        let lastTasks = try rows.compactMap { try $0.optional(Schedule.Column.lastTask, Row.taskID) }
        let live = try liveTasks(among: lastTasks, connection, tables)
        script = Script(capacity: 4096)
        var tasks: [AcceptedTask] = []
        for row in rows {
            let id = try row.integer(0)
            let stored: Schedule
            do throws(UnreadableSchedule) {
                stored = try Schedule(row)
            } catch {
                // Left for a version or a machine that can; looked at again when somebody has changed it.
                made.problems.append("the schedule \(error.name) is paused: \(error.reason)")
                script.statement(
                    "UPDATE ", .table(tables.schedules), " SET make_at = NULL, next_at = NULL, paused_at = ",
                    .value(now),
                    ", updated_at = ", .value(now), " WHERE id = ", .value(id))
                continue
            }
            guard let nextAt = stored.nextAt else { continue }
            let (plan, runs) = plan(
                StoredSchedule(
                    schedule: stored.schedule, nextAt: nextAt, queueID: try row.integer(Schedule.Column.queueID)),
                stored.lastTask.map(live.contains) ?? false)
            tasks += runs
            made.schedules += 1
            script.statement(
                "UPDATE ", .table(tables.schedules), " SET next_at = ", .value(plan.next), ", make_at = ",
                .value(plan.next.map { $0 - stored.schedule.lead }), ", runs = runs + ", .value(runs.count),
                ", skipped = skipped + ", .value(plan.skipped), ", last_run_at = ",
                .value(plan.runs.last?.time ?? stored.lastRunAt), ", last_task_id = ",
                .value((runs.last?.id ?? stored.lastTask)?.bytes), " WHERE id = ", .value(id))
        }
        if !tasks.isEmpty { script.insert(tasks, now: now, tables) }
        script.statement("COMMIT")
        do throws(MySQLError) {
            try connection.run(script)
        } catch {
            throw error.duringCommit
        }
        made.placements = tasks.map(\.placement)
        return made
    }

    private static func liveTasks(
        among ids: [TaskID], _ connection: Connection, _ tables: Tables
    ) throws -> Set<TaskID> {
        if ids.isEmpty { return [] }
        let states = [StoredState.scheduled, .retrying].map { Int($0.rawValue) }
        return Set(
            try connection.run(
                "SELECT id FROM \(tables.tasks) WHERE id IN \(list: ids) AND state IN \(list: states)"
            ).rows.map { try $0.taskID(0) })
    }

    /// When the next run has to be made; nil: there is none.
    package func nextScheduleTime() async throws -> Timestamp? {
        let tables = tables
        return try await front.retrying { connection in
            try connection.run("SELECT MIN(make_at) FROM \(tables.schedules)").rows.first?.optional(0, Row.time)
        }
    }

    // MARK: Schedules

    /// - Returns: false when there is one of that name.
    package func insert(_ new: NewSchedule, isPaused: Bool, now: Timestamp) async throws -> Bool {
        let queueID = try await queueID(new.task.queue)
        let tables = tables
        let next = isPaused ? nil : new.next(after: now)
        let task = try new.storedTask(now)
        return try await front.retrying { connection in
            do throws(MySQLError) {
                try connection.run(
                    """
                    INSERT INTO \(tables.schedules) (name, queue_id, kind, rule, timezone, starts_at, ends_at, missed,
                      missed_limit, overlap, jitter_ms, task, next_at, make_at, paused_at, created_at, updated_at)
                    VALUES (\(new.name), \(queueID), \(new.rule.stored.kind), \(new.rule.stored.text),
                      \(new.rule.zone.name), \(optional: new.startsAt), \(optional: new.endsAt),
                      \(new.missed.rawValue), \(new.missedLimit), \(new.overlap.rawValue),
                      \(new.jitter.microseconds / 1000), \(task), \(optional: next),
                      \(optional: next.map { $0 - new.lead }), \(optional: isPaused ? now : nil), \(now), \(now))
                    """)
                return true
            } catch {
                guard error.code == .duplicateKey else { throw error }
                return false
            }
        }
    }

    /// Puts another definition in place of the one of that name; its next run is the first after now.
    /// - Returns: false when there is none of that name.
    package func replace(_ new: NewSchedule, now: Timestamp) async throws -> Bool {
        let queueID = try await queueID(new.task.queue)
        let tables = tables
        let task = try new.storedTask(now)
        return try await front.withTransaction { connection in
            let found = try connection.run(
                "SELECT paused_at, last_run_at FROM \(tables.schedules) WHERE name = \(new.name) FOR UPDATE"
            ).rows.first
            guard let found else { return false }
            // Runs whose tasks are made ahead stay made, and are not made twice.
            let made = max(now, try found.optional(1, Row.time) ?? now)
            let after = found.isNull(0) ? new.next(after: made) : nil
            try connection.run(
                """
                UPDATE \(tables.schedules) SET queue_id = \(queueID), kind = \(new.rule.stored.kind),
                  rule = \(new.rule.stored.text), timezone = \(new.rule.zone.name),
                  starts_at = \(optional: new.startsAt), ends_at = \(optional: new.endsAt),
                  missed = \(new.missed.rawValue), missed_limit = \(new.missedLimit), overlap = \(new.overlap.rawValue),
                  jitter_ms = \(new.jitter.microseconds / 1000), task = \(task), next_at = \(optional: after),
                  make_at = \(optional: after.map { $0 - new.lead }), version = version + 1, updated_at = \(now)
                WHERE name = \(new.name)
                """)
            return true
        }
    }

    /// Pauses a schedule, or lets it go on with the first run after now.
    /// - Returns: false when there is none of that name.
    package func setPaused(_ isPaused: Bool, schedule name: String, now: Timestamp) async throws -> Bool {
        let tables = tables
        return try await front.withTransaction { connection in
            let row = try connection.run(
                "SELECT \(Schedule.columns) FROM \(tables.schedules) WHERE name = \(name) FOR UPDATE"
            ).rows.first
            guard let row else { return false }
            let stored: Schedule
            do throws(UnreadableSchedule) {
                stored = try Schedule(row)
            } catch {
                throw MySQLError(.unexpectedRow, "the schedule \(error.name): \(error.reason)")
            }
            if (stored.pausedAt != nil) == isPaused { return true }
            // A short pause makes no run twice that was made before.
            let after = max(now, stored.lastRunAt ?? now)
            let next = isPaused ? nil : stored.schedule.next(after: after)
            try connection.run(
                """
                UPDATE \(tables.schedules) SET paused_at = \(optional: isPaused ? now : nil), next_at = \(optional: next),
                  make_at = \(optional: next.map { $0 - stored.schedule.lead }), version = version + 1,
                  updated_at = \(now) WHERE id = \(stored.id)
                """)
            return true
        }
    }

    /// - Returns: false when there is none of that name.
    package func deleteSchedule(_ name: String) async throws -> Bool {
        let tables = tables
        return try await front.retrying { connection in
            try connection.run("DELETE FROM \(tables.schedules) WHERE name = \(name)").affected > 0
        }
    }

    package func schedule(_ name: String) async throws -> Schedule? {
        let tables = tables
        return try await front.retrying { connection in
            try connection.run("SELECT \(Schedule.columns) FROM \(tables.schedules) WHERE name = \(name)").rows.first
                .map(Self.readable)
        }
    }

    /// By name, those behind `cursor`.
    package func schedules(after cursor: String, limit: Int) async throws -> [Schedule] {
        let tables = tables
        return try await front.retrying { connection in
            try connection.run(
                """
                SELECT \(Schedule.columns) FROM \(tables.schedules) WHERE name > \(cursor) ORDER BY name LIMIT \(limit)
                """
            ).rows.map(Self.readable)
        }
    }

    private static func readable(_ row: Row) throws -> Schedule {
        do throws(UnreadableSchedule) {
            return try Schedule(row)
        } catch {
            throw MySQLError(.unexpectedRow, "the schedule \(error.name): \(error.reason)")
        }
    }
}
