import MySQL

extension MySQLStore {
    /// Changes what this incarnation has of the limits of queues, as far as the others have left it.
    ///
    /// Whoever changes a share locks the queue's row first, so no two see the same part free. What a dead instance has
    /// counts until its claims are taken over; its rate, until its lease has run out.
    /// - Returns: what it has now, of those queues that are there.
    package func setShares(_ wishes: [QueueShare], incarnation: UInt64) async throws -> [QueueShare] {
        let tables = tables
        if wishes.isEmpty { return [] }
        let queues = wishes.map(\.queueID).sorted()
        return try await engine.withTransaction { connection in
            var script = Script(capacity: 600)
            script.begin(
                "SELECT id, paused_at IS NOT NULL, priority, weight, max_concurrency, rate_per_second, burst FROM ",
                .table(tables.queues), " WHERE id IN ")
            script.list(queues)
            script.begin(" ORDER BY id FOR UPDATE")
            script.end()
            let rules = try connection.run(script)[0].rows.reduce(into: [Int: QueueRule]()) { rules, row in
                rules[try row.integer(0)] = try QueueRule(row, from: 1)
            }
            // Read after the lock has been had, so that it shows what the last one has written.
            script = Script(capacity: 600)
            script.selectShares(tables)
            script.statement("SELECT queue_id, incarnation FROM ", .table(tables.queueShares))
            let results = try connection.run(script)
            let shares = try results[1].rows.map(QueueShare.init)
            let granted = wishes.compactMap { wish -> QueueShare? in
                guard let rule = rules[wish.queueID] else { return nil }
                let ofQueue = shares.filter { $0.queueID == wish.queueID }
                let others = ofQueue.filter { $0.incarnation != incarnation }
                return QueueShare.granted(
                    wish,
                    own: ofQueue.first { $0.incarnation == incarnation }
                        ?? QueueShare(queueID: wish.queueID, incarnation: incarnation),
                    others: (others.reduce(0) { $0 + $1.slots }, others.reduce(0) { $0 + $1.rate }), of: rule)
            }
            let known = Set(shares.map { SharePlace(queueID: $0.queueID, incarnation: $0.incarnation) })
            let stale = try results[2].rows.map {
                SharePlace(queueID: try $0.integer(0), incarnation: UInt64(try $0.integer(1)))
            }.filter { queues.contains($0.queueID) && ($0.incarnation == incarnation || !known.contains($0)) }
            script = Script(capacity: 200 + stale.count * 40 + granted.count * 60)
            if !stale.isEmpty {
                script.begin("DELETE FROM ", .table(tables.queueShares), " WHERE (queue_id, incarnation) IN (")
                script.rows(stale.sorted()) { row, place in
                    row.value(place.queueID)
                    row.value(place.incarnation)
                }
                script.begin(")")
                script.end()
            }
            if !granted.isEmpty {
                script.begin(
                    "INSERT INTO ", .table(tables.queueShares),
                    " (queue_id, incarnation, slots, rate_per_second) VALUES ")
                script.rows(granted.sorted { $0.queueID < $1.queueID }) { row, share in
                    row.value(share.queueID)
                    row.value(share.incarnation)
                    row.value(share.slots)
                    row.value(share.rate)
                }
                script.end()
            }
            if !script.isEmpty { try connection.run(script) }
            return granted
        }
    }

    /// Moves tasks of a limited queue that have entered `ready` into `scheduled`, where they wait in order of their plan
    /// times. - Returns: how many.
    package func putInOrder(queue: Int, limit: Int) async throws -> Int {
        let tables = tables
        return try await engine.withTransaction { connection in
            var script = Script(capacity: 300)
            script.statement(
                "SELECT entered_at, task_id, plan_time FROM ", .table(tables.ready), " WHERE queue_id = ",
                .value(queue), " ORDER BY entered_at, task_id LIMIT ", .value(limit), " FOR UPDATE SKIP LOCKED")
            let rows = try connection.run(script)[0].rows.map { row in
                ClaimedRow(order: try row.time(0), id: try row.taskID(1), planTime: try row.time(2))
            }
            if rows.isEmpty { return 0 }
            script = Script(capacity: rows.count * 200)
            script.begin("DELETE FROM ", .table(tables.ready), " WHERE (queue_id, entered_at, task_id) IN (")
            script.rows(rows) { row, waiting in
                row.value(queue)
                row.value(waiting.order)
                row.value(waiting.id)
            }
            script.begin(")")
            script.end()
            script.insert(
                rows.map { Placement(id: $0.id, queueID: queue, planTime: $0.planTime, place: .scheduled) },
                now: rows[0].order, tables)
            let results = try connection.run(script)
            guard results[0].affected == rows.count else {
                throw MySQLError(.recordChanged, "\(rows.count) rows were locked, \(results[0].affected) deleted")
            }
            return rows.count
        }
    }
}

private struct SharePlace: Hashable, Comparable {
    var queueID: Int
    var incarnation: UInt64

    static func < (left: SharePlace, right: SharePlace) -> Bool {
        (left.queueID, left.incarnation) < (right.queueID, right.incarnation)
    }
}

extension Script {
    /// The workers, and what instances that have not ended have of the limits.
    mutating func selectShares(_ tables: Tables) {
        statement(
            "SELECT incarnation FROM ", .table(tables.instances),
            " WHERE ended_at IS NULL AND lookahead_ms IS NOT NULL AND lease_until > UTC_TIMESTAMP(6)",
            " ORDER BY incarnation")
        statement(
            "SELECT s.queue_id, s.incarnation, s.slots, IF(i.lease_until > UTC_TIMESTAMP(6), s.rate_per_second, 0e0)",
            " FROM ", .table(tables.queueShares), " s JOIN ", .table(tables.instances),
            " i ON i.incarnation = s.incarnation WHERE i.ended_at IS NULL")
    }
}

extension QueueShare {
    init(_ row: Row) throws(MySQLError) {
        self.init(
            queueID: try row.integer(0), incarnation: UInt64(try row.integer(1)), slots: try row.integer(2),
            rate: try row.double(3))
    }
}
