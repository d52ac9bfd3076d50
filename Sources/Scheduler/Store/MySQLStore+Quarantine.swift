import MySQL

extension MySQLStore {
    package func quarantine(_ messages: [QuarantinedMessage]) async throws {
        var script = Script(capacity: 256 + messages.reduce(0) { $0 + 256 + ($1.message?.count ?? 0) })
        script.begin(
            "INSERT INTO ", .table(tables.quarantine), " (id, source, reason, message, score, received_at) VALUES ")
        script.rows(messages) { row, message in
            row.value(message.id)
            row.value(message.source)
            row.value(message.reason)
            row.value(message.message)
            row.value(message.score)
            row.value(message.receivedAt)
        }
        script.begin(" ON DUPLICATE KEY UPDATE id = id")
        script.end()
        let insert = script
        _ = try await front.retrying { connection in try connection.run(insert) }
    }

    /// How much of a message a list shows.
    private static let shownBytes = 1024

    /// One page, newest first.
    package func quarantined(before cursor: TaskID?, limit: Int) async throws -> [QuarantinedMessage] {
        let tables = tables
        return try await reader.retrying { connection in
            try connection.run(
                """
                SELECT id, source, reason, LEFT(message, \(Self.shownBytes)), LENGTH(message), score, received_at
                FROM \(tables.quarantine) WHERE id < \(cursor ?? .max) ORDER BY id DESC LIMIT \(limit)
                """
            ).rows.map(QuarantinedMessage.init)
        }
    }

    package func quarantined(_ id: TaskID) async throws -> QuarantinedMessage? {
        let tables = tables
        return try await reader.retrying { connection in
            try connection.run(
                """
                SELECT id, source, reason, message, LENGTH(message), score, received_at
                FROM \(tables.quarantine) WHERE id = \(id)
                """
            ).rows.first.map(QuarantinedMessage.init)
        }
    }

    /// - Returns: false when it was not there.
    package func deleteQuarantined(_ id: TaskID) async throws -> Bool {
        let tables = tables
        return try await front.retrying { connection in
            try connection.run("DELETE FROM \(tables.quarantine) WHERE id = \(id)").affected > 0
        }
    }
}

extension QuarantinedMessage {
    fileprivate init(_ row: Row) throws(MySQLError) {
        self.init(
            id: try row.taskID(0), source: try row.text(1), reason: try row.text(2),
            message: try row.optional(3, Row.bytes), size: try row.optional(4, Row.integer),
            score: try row.optional(5, Row.double), receivedAt: try row.time(6))
    }
}
