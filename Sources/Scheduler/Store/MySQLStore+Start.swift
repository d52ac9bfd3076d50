package import MySQL

extension MySQLStore {
    /// The point of no return for a batch of claimed tasks: a cancel, an edit or a new time committed before it wins for
    /// certain; after it they are refused.
    /// - Parameter admit: which of those that are still ours, unstarted and planned for the time the wheel had are
    ///   started; with the newest payload.
    package func start(
        _ entries: [WheelEntry], incarnation: UInt64, now: Timestamp, admit: @escaping Admit
    ) async throws -> Admitted {
        let tables = tables
        let outcome: StartOutcome = try await engine.retrying { connection in
            do {
                return try Self.start(entries, incarnation, now, admit, connection, tables)
            } catch {
                if (error as? MySQLError)?.losesConnection != true { connection.rollback() }
                throw error
            }
        }
        switch outcome {
        case .committed(let admitted): return admitted
        case .unknown(var admitted, let cause):
            // Only put off: whoever looks at the claims again will see.
            if admitted.started.isEmpty { throw cause }
            let started = Set(
                try await startedClaims(
                    admitted.started.map(\.id), incarnation: incarnation, startedAt: now))
            // Not done: to be told apart from rows that are not ours any more.
            if started.isEmpty { throw cause }
            admitted.started.removeAll { !started.contains($0.id) }
            return admitted
        }
    }

    private enum StartOutcome: Sendable {
        case committed(Admitted)
        case unknown(Admitted, MySQLError)
    }

    private static func start(
        _ entries: [WheelEntry], _ incarnation: UInt64, _ now: Timestamp, _ admit: Admit, _ connection: Connection,
        _ tables: Tables
    ) throws -> StartOutcome {
        let ids = entries.map(\.id).sorted()
        var script = Script(capacity: ids.count * 80)
        script.statement("START TRANSACTION")
        script.begin(
            "SELECT task_id, plan_time FROM ", .table(tables.claims), " FORCE INDEX (PRIMARY) WHERE task_id IN ")
        script.list(ids)
        script.begin(" AND incarnation = ", .value(incarnation), " AND started_at IS NULL FOR UPDATE")
        script.end()
        script.selectPayloads(of: ids, tables)
        let results = try connection.run(script)
        var planned: [TaskID: Timestamp] = [:]
        for row in results[1].rows { planned[try row.taskID(0)] = try row.time(1) }
        let wanted = Set(entries.filter { planned[$0.id] == $0.planTime }.map(\.id))
        let tasks = try StartedTask.read(results[2].rows, startedAt: now).filter { wanted.contains($0.id) }
        let admitted = tasks.isEmpty ? Admitted() : admit(tasks)
        guard !admitted.started.isEmpty || !admitted.putOff.isEmpty else {
            connection.rollback()
            return .committed(admitted)
        }
        script = Script(capacity: admitted.started.count * 40 + admitted.putOff.count * 200)
        for (attempt, ids) in admitted.started.lazy.map({ ($0.attempt, $0.id) }).grouped() {
            script.begin(
                "UPDATE ", .table(tables.claims), " FORCE INDEX (PRIMARY) SET attempt = ", .value(attempt),
                ", started_at = ", .value(now), " WHERE task_id IN ")
            script.list(ids)
            script.end()
        }
        if !admitted.putOff.isEmpty {
            script.begin("DELETE c FROM ", .table(tables.claims), " c FORCE INDEX (PRIMARY) WHERE c.task_id IN ")
            script.list(admitted.putOff.map(\.id).sorted())
            script.end()
            script.putOff(admitted.putOff, now: now, tables)
        }
        script.statement("COMMIT")
        do throws(MySQLError) {
            try connection.run(script)
        } catch {
            if error.losesConnection { return .unknown(admitted, error) }
            throw error
        }
        return .committed(admitted)
    }

    /// Which of these the start of that time has started. Another loop of the same incarnation may have started one since.
    func startedClaims(_ ids: [TaskID], incarnation: UInt64, startedAt: Timestamp) async throws -> [TaskID] {
        let tables = tables
        return try await untilReachable { connection in
            // The transaction may be under way still: it has these rows locked until it has ended.
            try connection.run(
                """
                SELECT task_id FROM \(tables.claims) FORCE INDEX (PRIMARY)
                WHERE task_id IN \(list: ids) AND incarnation = \(incarnation) AND started_at = \(startedAt)
                LOCK IN SHARE MODE
                """
            ).rows.map { try $0.taskID(0) }
        }
    }
}
