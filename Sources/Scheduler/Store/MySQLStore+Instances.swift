package import MySQL

/// What the table of instances said at a heartbeat.
package struct ClusterView: Sendable, Equatable {
    /// Incarnations whose lease has run out and who may have left claims behind.
    package var expired: [UInt64] = []
    /// Instances that claim tasks, the oldest first: among them limits of the whole cluster are shared.
    package var workers: [UInt64] = []
    /// The largest lookahead among them. nil: none claims.
    package var lookahead: Duration?

    package init() {}
}

extension MySQLStore {
    /// Enters a new incarnation.
    /// - Parameter lookahead: how far ahead it claims; nil when it does not.
    package func register(
        name: String, version: String, lookahead: Duration?, lease: Duration
    ) async throws -> UInt64 {
        let tables = tables
        let incarnation = try await pulse.withConnection { connection in
            try connection.run(
                """
                INSERT INTO \(tables.instances) (name, version, lookahead_ms, started_at, heartbeat_at, lease_until)
                VALUES (\(name), \(version), \(optional: lookahead.map { $0.microseconds / 1000 }), UTC_TIMESTAMP(6),
                        UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) + INTERVAL \(lease.microseconds) MICROSECOND)
                """
            ).lastInsertID
        }
        try await probeSkipLocked(incarnation)
        return incarnation
    }

    /// Extends the lease while it still holds, and looks at the others and at the database's clock.
    /// - Returns: nil when it did not: the incarnation is fenced.
    package func heartbeat(
        _ incarnation: UInt64, lease: Duration
    ) async throws -> (view: ClusterView, clock: ClockReading)? {
        let tables = tables
        return try await pulse.withConnection { connection in
            let renewed = try connection.run(
                """
                UPDATE \(tables.instances) SET heartbeat_at = UTC_TIMESTAMP(6),
                  lease_until = UTC_TIMESTAMP(6) + INTERVAL \(lease.microseconds) MICROSECOND
                WHERE incarnation = \(incarnation) AND ended_at IS NULL AND lease_until > UTC_TIMESTAMP(6)
                """)
            guard renewed.affected == 1 else { return nil }
            // Not together with the COMMIT, which takes as long as the disk does: the clock is known the better, the
            // sooner the answer comes.
            let sentAt = ContinuousClock.now
            let rows = try connection.run(
                """
                SELECT incarnation, lookahead_ms, lease_until <= UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)
                FROM \(tables.instances) WHERE ended_at IS NULL ORDER BY incarnation
                """
            ).rows
            let receivedAt = ContinuousClock.now
            guard let first = rows.first else { return nil }
            var view = ClusterView()
            for row in rows {
                let incarnation = UInt64(try row.integer(0))
                if try row.integer(2) == 1 {
                    view.expired.append(incarnation)
                } else if let lookahead = try row.optional(1, Row.integer) {
                    view.workers.append(incarnation)
                    view.lookahead = max(view.lookahead ?? .zero, .milliseconds(lookahead))
                }
            }
            return (view, ClockReading(sentAt: sentAt, receivedAt: receivedAt, databaseTime: try first.time(3)))
        }
    }

    package func aliveIncarnations() async throws -> [UInt64] {
        let tables = tables
        return try await engine.withConnection { connection in
            try connection.run("SELECT incarnation FROM \(tables.instances) WHERE ended_at IS NULL").rows.map {
                UInt64(try $0.integer(0))
            }
        }
    }

    /// One look at the database's clock.
    package func sampleClock() async throws -> ClockReading {
        try await pulse.withConnection { connection in
            let sentAt = ContinuousClock.now
            let time = try connection.run("SELECT UTC_TIMESTAMP(6)").rows[0].time(0)
            return ClockReading(sentAt: sentAt, receivedAt: .now, databaseTime: time)
        }
    }

    package func giveBack(
        _ incarnation: UInt64, queues: Set<Int>?, limit: Int, now: Timestamp
    ) async throws -> [WheelEntry] {
        let tables = tables
        if queues?.isEmpty == true { return [] }
        return try await engine.withTransaction { connection in
            // A plain read finds them; locking by primary key touches nobody else's rows.
            var find = Script(capacity: 200)
            find.begin(
                "SELECT task_id FROM ", .table(tables.claims), " WHERE incarnation = ", .value(incarnation),
                " AND started_at IS NULL")
            if let queues {
                find.begin(" AND queue_id IN ")
                find.list(queues.sorted())
            }
            find.begin(" LIMIT ", .value(limit))
            find.end()
            var placements: [Placement] = []
            // All of them may have been started in between.
            while placements.isEmpty {
                let ids = try connection.run(find)[0].rows.map { try $0.taskID(0) }
                if ids.isEmpty { return [] }
                var lock = Script(capacity: ids.count * 40)
                lock.begin(
                    "SELECT task_id, queue_id, plan_time FROM ", .table(tables.claims),
                    " FORCE INDEX (PRIMARY) WHERE task_id IN ")
                lock.list(ids.sorted())
                lock.begin(" AND incarnation = ", .value(incarnation), " AND started_at IS NULL FOR UPDATE")
                lock.end()
                placements = try connection.run(lock)[0].rows.map { row in
                    Placement(
                        id: try row.taskID(0), queueID: try row.integer(1), planTime: try row.time(2), place: .ready)
                }
            }
            var script = Script(capacity: placements.count * 120)
            script.moveToReady(placements, now: now, tables)
            try connection.run(script)
            return placements.map(\.wheelEntry)
        }
    }

    /// Gives the lease up before its time: what is left in `claims` is free for the others at once.
    package func expire(_ incarnation: UInt64) async throws {
        let tables = tables
        try await engine.retrying { connection in
            try connection.run(
                """
                UPDATE \(tables.instances) SET lease_until = UTC_TIMESTAMP(6)
                WHERE incarnation = \(incarnation) AND ended_at IS NULL
                """)
            return
        }
    }
}

extension Script {
    /// Takes unstarted rows out of `claims` and puts them into `ready`, in which they arrive now.
    mutating func moveToReady(_ placements: [Placement], now: Timestamp, _ tables: Tables) {
        if placements.isEmpty { return }
        let ids = placements.map(\.id).sorted()
        begin("DELETE c FROM ", .table(tables.claims), " c FORCE INDEX (PRIMARY) WHERE c.task_id IN ")
        list(ids)
        end()
        insert(placements, now: now, tables)
        begin("UPDATE ", .table(tables.tasks), " SET entered_at = ", .value(now), " WHERE id IN ")
        list(ids)
        end()
    }
}
