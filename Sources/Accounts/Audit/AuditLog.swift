package import MySQL

/// The table of what people did. Nothing here changes or deletes a row, and the application's user may not.
package struct AuditLog: Sendable {
    private let pool: ConnectionPool
    private let table: TableName

    /// Rows that a page looks at, at most.
    static let window = 5000
    /// Events on a page, at most.
    package static let limit = 500
    /// By how much the times of two events may contradict the order of their ids.
    private static let disorder: Duration = .seconds(10)

    /// - Parameter prefix: of the tables' names.
    package init(_ pool: ConnectionPool, prefix: String) {
        self.pool = pool
        table = TableName(prefix: prefix, "audit_events")
    }

    /// Adds an event, by the server's clock.
    package func record(_ event: AuditEvent) async throws {
        _ = try await pool.retrying { [table] connection in
            try connection.run(
                """
                INSERT INTO \(table) (at, actor, user_id, address, user_agent, action, subject, before_state, after_state)
                VALUES (UTC_TIMESTAMP(6), \(cut(event.actor, 100)), \(optional: event.userID), \(cut(event.address, 64)),
                  \(cut(event.userAgent, 255)), \(event.action.rawValue), \(cut(event.subject, 190)),
                  \(optional: event.before?.json), \(optional: event.after?.json))
                """)
        }
    }

    /// The newest events that a filter lets through. Whatever it asks for, no more than `window` rows are looked at.
    /// - Parameters:
    ///   - before: a page's `next`; nil: from the newest.
    ///   - limit: up to `AuditLog.limit`.
    package func events(_ filter: AuditFilter, before: UInt64? = nil, limit: Int) async throws -> AuditPage {
        let limit = min(max(limit, 1), Self.limit)
        return try await pool.retrying { [self] connection in
            let scope = try scope(filter, before, connection)
            // Without other conditions each row that is looked at counts.
            let window = filter.isOfOneKeyOnly ? limit + 1 : Self.window
            let ids: Query = "SELECT id, at, actor, action, subject FROM \(table) WHERE " + scope
            let looked: Query = "(" + ids + " ORDER BY id DESC LIMIT \(window)) AS looked"
            var query: Query = """
                SELECT e.id, e.at, e.actor, e.user_id, e.address, e.user_agent, e.action, e.subject, e.before_state,
                  e.after_state FROM
                """
            query = query + " " + looked + " JOIN \(table) AS e ON e.id = looked.id WHERE TRUE"
            if let actor = filter.actor { query = query + " AND looked.actor = \(actor)" }
            if let action = filter.action { query = query + " AND looked.action = \(action.rawValue)" }
            if let subject = filter.subject { query = query + " AND looked.subject = \(subject)" }
            if let from = filter.from { query = query + " AND looked.at >= \(from)" }
            if let to = filter.to { query = query + " AND looked.at < \(to)" }
            let events = try connection.run(query + " ORDER BY e.id DESC LIMIT \(limit + 1)").rows.map(AuditRecord.init)
            if events.count > limit {
                return AuditPage(events: Array(events.prefix(limit)), next: events[limit - 1].id)
            }
            if filter.isOfOneKeyOnly { return AuditPage(events: events, next: nil) }
            let end = try connection.run("SELECT COUNT(*), MIN(id) FROM " + looked).rows[0]
            let isCut = try end.integer(0) == window
            return AuditPage(events: events, next: isCut ? UInt64(try end.integer(1)) : nil)
        }
    }

    /// The conditions that one key answers.
    private func scope(_ filter: AuditFilter, _ before: UInt64?, _ connection: Connection) throws(MySQLError) -> Query {
        var scope: Query
        if let subject = filter.subject {
            scope = "subject = \(subject)"
        } else if let actor = filter.actor {
            scope = "actor = \(actor)"
        } else if let action = filter.action {
            scope = "action = \(action.rawValue)"
        } else {
            scope = "TRUE"
        }
        if let before { scope = scope + " AND id < \(before)" }
        // Ids and times grow together, nearly: what is this much too early or too late bounds the ids.
        if let from = filter.from {
            let bound = max(from - Self.disorder, Timestamp.range.lowerBound)
            let early: Query = "SELECT id FROM \(table) WHERE at < \(bound) ORDER BY at DESC LIMIT 1"
            if let row = try connection.run(early).rows.first { scope = scope + " AND id > \(try row.integer(0))" }
        }
        if let to = filter.to {
            let bound = min(to + Self.disorder, Timestamp.range.upperBound)
            let late: Query = "SELECT id FROM \(table) WHERE at >= \(bound) ORDER BY at LIMIT 1"
            if let row = try connection.run(late).rows.first { scope = scope + " AND id < \(try row.integer(0))" }
        }
        return scope
    }
}

/// As VARCHAR counts: in code points.
private func cut(_ text: String, _ length: Int) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.prefix(length)))
}
