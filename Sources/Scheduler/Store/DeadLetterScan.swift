import MySQL

/// Goes through the dead letters in the order of their deaths, piece by piece, along an index.
struct DeadLetterScan {
    enum Order {
        case newestFirst, oldestFirst
    }

    private let filter: DeadLetterFilter
    private let queueID: Int?
    /// Died at or before.
    private let until: Timestamp?
    private let order: Order
    private let tables: Tables
    /// The last one that was looked at.
    private(set) var position: DeadLetterCursor?
    private(set) var isAtEnd = false
    /// How many were looked at.
    private(set) var count = 0

    /// - Parameter position: goes on behind it.
    init(
        _ filter: DeadLetterFilter, _ order: Order, until: Timestamp? = nil, behind position: DeadLetterCursor? = nil,
        _ connection: Connection, _ tables: Tables
    ) throws {
        self.filter = filter
        self.order = order
        self.until = until
        self.position = position
        self.tables = tables
        guard let queue = filter.queue else {
            queueID = nil
            return
        }
        queueID = try MySQLStore.knownQueueID(queue, connection, tables)
        isAtEnd = queueID == nil
    }

    /// Looks at the next `limit` letters.
    /// - Returns: those that are meant.
    mutating func next(_ limit: Int, _ connection: Connection) throws -> [DeadLetterCursor] {
        if isAtEnd { return [] }
        var script = Script(capacity: 600)
        script.begin("SELECT d.task_id, d.died_at")
        if let reason = filter.reason {
            script.begin(", LOCATE(LOWER(", .value(reason), "), LOWER(d.reason)) > 0")
        } else {
            script.begin(", 1")
        }
        script.begin(filter.host == nil ? ", NULL" : ", LEFT(t.url, 600)")
        writeRange(&script)
        script.begin(
            order == .newestFirst
                ? " ORDER BY d.died_at DESC, d.task_id DESC LIMIT " : " ORDER BY d.died_at, d.task_id LIMIT ",
            .value(limit))
        script.end()
        let rows = try connection.run(script)[0].rows
        var hits: [DeadLetterCursor] = []
        for row in rows {
            let place = DeadLetterCursor(diedAt: try row.time(1), id: try row.taskID(0))
            position = place
            guard try row.integer(2) == 1 else { continue }
            if let host = filter.host {
                guard let url = try row.optional(3, Row.text), URLHost.matches(url, host) else { continue }
            }
            hits.append(place)
        }
        count += rows.count
        isAtEnd = rows.count < limit
        return hits
    }

    /// Takes back what was looked at after `place`.
    mutating func step(backTo place: DeadLetterCursor) {
        position = place
        isAtEnd = false
    }

    /// How many are left by the optimizer's estimate, those that are not meant included.
    func estimatedRest(_ connection: Connection) throws -> Int {
        var script = Script(capacity: 600)
        script.begin("EXPLAIN FORMAT=TRADITIONAL SELECT d.task_id")
        writeRange(&script, isEstimate: true)
        script.end()
        return try connection.run(script)[0].rows.first?.explainedRows(connection.server) ?? 0
    }

    private func writeRange(_ script: inout Script, isEstimate: Bool = false) {
        script.begin(" FROM ", .table(tables.deadLetters), " d")
        // MySQL makes no dives into an index that it is forced to use.
        script.begin(isEstimate ? " USE" : " FORCE", queueID == nil ? " INDEX (died)" : " INDEX (queue_died)")
        if filter.host != nil { script.begin(" LEFT JOIN ", .table(tables.tasks), " t ON t.id = d.task_id") }
        // A condition on the time always, for the index to serve.
        script.begin(" WHERE d.died_at >= ", .value(filter.from ?? Timestamp.range.lowerBound))
        if let queueID { script.begin(" AND d.queue_id = ", .value(queueID)) }
        if let to = filter.to { script.begin(" AND d.died_at < ", .value(to)) }
        if let until { script.begin(" AND d.died_at <= ", .value(until)) }
        guard let position else { return }
        let (time, id) = (position.diedAt, position.id)
        switch order {
        case .newestFirst:
            script.begin(" AND d.died_at <= ", .value(time), " AND (d.died_at < ", .value(time))
            script.begin(" OR d.task_id < ", .value(id), ")")
        case .oldestFirst:
            script.begin(" AND d.died_at >= ", .value(time), " AND (d.died_at > ", .value(time))
            script.begin(" OR d.task_id > ", .value(id), ")")
        }
    }
}
