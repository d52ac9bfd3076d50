package import MySQL

extension MySQLStore {
    package func setPaused(_ isPaused: Bool, queue: String) async throws -> Bool {
        let tables = tables
        return try await front.retrying { connection in
            guard let id = try Self.knownQueueID(queue, connection, tables) else { return false }
            let change: Query =
                isPaused
                ? "UPDATE \(tables.queues) SET paused_at = COALESCE(paused_at, UTC_TIMESTAMP(6)) WHERE id = \(id)"
                : "UPDATE \(tables.queues) SET paused_at = NULL WHERE id = \(id)"
            return try connection.run(change).affected == 1
        }
    }

    /// The number of a queue that was named before; nil when there is none.
    static func knownQueueID(_ name: String, _ connection: Connection, _ tables: Tables) throws -> Int? {
        // The column holds ASCII, and nothing else can be compared with it.
        guard name.isName(limit: 100) else { return nil }
        return try connection.run(
            "SELECT id FROM \(tables.queues) WHERE name = \(name) AND deleted_at IS NULL"
        ).rows.first?.integer(0)
    }

    package enum QueueChoice: Sendable {
        case named(String)
        /// By name, those after this one.
        case after(String, limit: Int)
    }

    /// By name; `recent` is left empty.
    package func queueStatuses(now: Timestamp, _ choice: QueueChoice) async throws -> [QueueStatus] {
        let tables = tables
        let those: Query
        switch choice {
        case .named(let name):
            guard name.isName(limit: 100) else { return [] }
            those = " AND name = \(name)"
        case .after(let name, let limit): those = " AND name > \(name) ORDER BY name LIMIT \(limit)"
        }
        return try await reader.retrying { connection in
            // One that was deleted shows again while something is in it.
            let isThere: Query = """
                (deleted_at IS NULL OR EXISTS (SELECT 1 FROM \(tables.scheduled) s WHERE s.queue_id = q.id)
                  OR EXISTS (SELECT 1 FROM \(tables.ready) r WHERE r.queue_id = q.id)
                  OR EXISTS (SELECT 1 FROM \(tables.claims) c WHERE c.queue_id = q.id))
                """
            let find: Query =
                "SELECT id, name, created_at, paused_at, \(QueueSettings.columns) FROM \(tables.queues) q WHERE "
            let queues = try connection.run(find + isThere + those).rows
            if queues.isEmpty { return [] }
            let claims = try Self.claims(connection, tables)
            let depths = try Self.depths(of: queues.map { try $0.integer(0) }, now, connection, tables)
            return try zip(queues, depths).map { row, depth in
                let claims = claims[try row.integer(0)]
                return QueueStatus(
                    name: try row.text(1), createdAt: try row.time(2), settings: try QueueSettings(row, from: 4),
                    pausedAt: try row.optional(3, Row.time),
                    waiting: depth.scheduled.rows + depth.ready.rows, overdue: depth.scheduled.due + depth.ready.due,
                    claimed: claims?.waiting ?? 0, running: claims?.running ?? 0, dead: depth.dead,
                    nextDue: [depth.scheduled.first, depth.ready.first, claims?.first].compactMap { $0 }.min())
            }
        }
    }

    private struct QueueClaims {
        var waiting: Int
        var running: Int
        var first: Timestamp?
    }

    /// What the instances have, by queue: a small table.
    private static func claims(_ connection: Connection, _ tables: Tables) throws -> [Int: QueueClaims] {
        let rows = try connection.run(
            """
            SELECT queue_id, SUM(started_at IS NULL), COUNT(started_at), MIN(IF(started_at IS NULL, plan_time, NULL))
            FROM \(tables.claims) GROUP BY queue_id
            """
        ).rows
        return try rows.reduce(into: [:]) { claims, row in
            claims[try row.integer(0)] = QueueClaims(
                waiting: try row.integer(1), running: try row.integer(2), first: try row.optional(3, Row.time))
        }
    }

    // MARK: Depths

    /// What is known of the rows of a queue in one table.
    fileprivate struct Depth {
        var rows: Estimate
        /// Those whose plan time has come.
        var due: Estimate
        var first: Timestamp?
    }

    private struct Depths {
        var scheduled: Depth
        var ready: Depth
        var dead: Estimate
    }

    /// As many rows are counted for one figure at most, and about this many for all of them.
    private static let countLimit = 10_000
    private static let countLimitOfAll = 60_000

    /// Counted as far as that is quick; beyond it the optimizer is asked how many there are.
    private static func depths(
        of queues: [Int], _ now: Timestamp, _ connection: Connection, _ tables: Tables
    ) throws -> [Depths] {
        let limit = max(100, min(countLimit, countLimitOfAll / (3 * queues.count)))
        var script = Script(capacity: queues.count * 600)
        for queue in queues {
            let stages: [(TableName, Script.Part)] = [(tables.scheduled, "plan_time"), (tables.ready, "entered_at")]
            for (table, order) in stages {
                script.statement(
                    "SELECT COUNT(*), SUM(plan_time <= ", .value(now), "), MIN(plan_time) FROM (SELECT plan_time FROM ",
                    .table(table), " WHERE queue_id = ", .value(queue), " ORDER BY ", order, " LIMIT ",
                    .value(limit + 1), ") counted")
            }
            script.statement(
                "SELECT COUNT(*) FROM (SELECT died_at FROM ", .table(tables.deadLetters), " WHERE queue_id = ",
                .value(queue), " LIMIT ", .value(limit + 1), ") counted")
        }
        let results = try connection.run(script).map(\.rows[0])
        var depths = try queues.indices.map { index in
            Depths(
                scheduled: try Depth(results[3 * index], limit, isByPlanTime: true),
                ready: try Depth(results[3 * index + 1], limit, isByPlanTime: false),
                dead: Estimate(upTo: limit, try results[3 * index + 2].integer(0)))
        }
        try estimate(&depths, queues, now, connection, tables)
        return depths
    }

    /// Asks the optimizer for what was too much to be counted.
    private static func estimate(
        _ depths: inout [Depths], _ queues: [Int], _ now: Timestamp, _ connection: Connection, _ tables: Tables
    ) throws {
        func estimates(_ table: TableName, _ rows: (Depths) -> Estimate) throws -> RangeEstimates {
            var (counted, asked) = (0, [Int]())
            for (queue, depth) in zip(queues, depths) {
                if rows(depth).isExact { counted += rows(depth).count } else { asked.append(queue) }
            }
            return try RangeEstimates(table, asked, counted: counted, connection)
        }
        let scheduled = try estimates(tables.scheduled) { $0.scheduled.rows }
        let due = try scheduled.due(zip(queues, depths).filter { !$1.scheduled.due.isExact }.map(\.0), now, connection)
        let ready = try estimates(tables.ready) { $0.ready.rows }
        let dead = try estimates(tables.deadLetters) { $0.dead }
        for (index, queue) in queues.enumerated() {
            scheduled.rows[queue].map { depths[index].scheduled.rows.raise(to: $0) }
            due[queue].map { depths[index].scheduled.due.raise(to: $0) }
            ready.rows[queue].map { depths[index].ready.raise(to: $0) }
            dead.rows[queue].map { depths[index].dead.raise(to: $0) }
        }
    }
}

extension MySQLStore.Depth {
    /// - Parameters:
    ///   - row: how many of the first `limit` + 1 there are, how many of them are due, and the earliest plan time.
    ///   - isByPlanTime: they are in order of their plan times, so the due ones come first.
    fileprivate init(_ row: Row, _ limit: Int, isByPlanTime: Bool) throws(MySQLError) {
        let (count, due) = (try row.integer(0), try row.optional(1, Row.integer) ?? 0)
        rows = Estimate(upTo: limit, count)
        first = try row.optional(2, Row.time)
        self.due = Estimate(due, isExact: rows.isExact || (isByPlanTime && due <= limit))
    }

    /// The due ones are in the same proportion as among those that were counted.
    fileprivate mutating func raise(to estimate: Int) {
        let counted = rows.count
        rows.raise(to: estimate)
        due.raise(to: due.count * rows.count / max(1, counted))
    }
}

extension Estimate {
    /// What was counted among the first `limit` + 1 rows.
    fileprivate init(upTo limit: Int, _ counted: Int) {
        self.init(counted, isExact: counted <= limit)
    }

    /// What was counted is there for certain.
    fileprivate mutating func raise(to estimate: Int) {
        count = max(count, estimate)
    }
}
