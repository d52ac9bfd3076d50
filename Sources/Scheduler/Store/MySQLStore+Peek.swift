package import MySQL

extension MySQLStore {
    /// The head of every queue in both tables: one dive per queue, by a loose index scan in each part of the union; and
    /// the rules of the queues that have some, as of the same instant. All in one round trip.
    package func peek(lowScheduled: Timestamp?, lowReady: Timestamp?, limited: [LimitedMark]) async throws -> ClaimView
    {
        let tables = tables
        var script = Script(capacity: 1200 + limited.count * 200)
        script.statement(
            "SELECT 0, queue_id, MIN(plan_time), NULL, NULL, NULL, NULL, NULL, NULL FROM ", .table(tables.scheduled),
            " WHERE plan_time >= ", .value(lowScheduled ?? Timestamp.range.lowerBound), " GROUP BY queue_id UNION ALL ",
            "SELECT 1, queue_id, MIN(entered_at), NULL, NULL, NULL, NULL, NULL, NULL FROM ", .table(tables.ready),
            " WHERE entered_at >= ", .value(lowReady ?? Timestamp.range.lowerBound), " GROUP BY queue_id UNION ALL ",
            "SELECT 2, id, NULL, paused_at IS NOT NULL, priority, weight, max_concurrency, rate_per_second, burst FROM ",
            .table(tables.queues),
            " WHERE paused_at IS NOT NULL OR priority <> 0 OR weight <> 1 OR max_concurrency IS NOT NULL",
            " OR rate_per_second IS NOT NULL UNION ALL ",
            "SELECT 3, COALESCE(MAX(id), 0), NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM ", .table(tables.queues))
        if !limited.isEmpty {
            script.selectShares(tables)
            for mark in limited {
                script.statement(
                    "SELECT plan_time FROM ", .table(tables.scheduled), " WHERE queue_id = ", .value(mark.queueID),
                    " AND plan_time >= ", .value(mark.low ?? Timestamp.range.lowerBound),
                    " ORDER BY plan_time, task_id LIMIT 1")
            }
        }
        let statements = script
        return try await engine.withConnection { connection in
            let results = try connection.run(statements)
            var view = ClaimView()
            for row in results[0].rows {
                let (arm, queueID) = (try row.integer(0), try row.integer(1))
                switch arm {
                case 0: view.heads.append(QueueHead(stage: .scheduled, queueID: queueID, first: try row.time(2)))
                case 1: view.heads.append(QueueHead(stage: .ready, queueID: queueID, first: try row.time(2)))
                case 2: view.rules[queueID] = try QueueRule(row, from: 3)
                default: view.newestQueue = queueID
                }
            }
            if limited.isEmpty { return view }
            view.workers = try results[1].rows.map { UInt64(try $0.integer(0)) }
            view.shares = try results[2].rows.map(QueueShare.init)
            for (mark, result) in zip(limited, results[3...]) {
                view.limitedHeads[mark.queueID] = try result.rows.first?.time(0)
            }
            return view
        }
    }
}

extension TaskStore {
    /// The same without the heads of limited queues.
    package func peek(lowScheduled: Timestamp?, lowReady: Timestamp?) async throws -> ClaimView {
        try await peek(lowScheduled: lowScheduled, lowReady: lowReady, limited: [])
    }
}

extension QueueRule {
    /// - Parameter first: the column of whether it is paused; the others follow.
    init(_ row: Row, from first: Int) throws(MySQLError) {
        self.init()
        isPaused = try row.integer(first) == 1
        priority = try row.integer(first + 1)
        weight = try row.integer(first + 2)
        maxConcurrency = try row.optional(first + 3, Row.integer)
        rate = try row.optional(first + 4, Row.double)
        burst = try row.optional(first + 5, Row.integer)
    }
}
