package import MySQL

/// A task that failed for good, as far as somebody who is told of it needs it.
package struct DeadLetter: Sendable {
    package var id: TaskID
    package var diedAt: Timestamp
    package var url: String
    package var body: [UInt8]
    package var labels: [String: String]
}

extension MySQLStore {
    /// In the order in which they died, those after `(diedAt, id)`, up to `until`.
    package func deadLetters(
        queue: String, after diedAt: Timestamp, _ id: TaskID, until: Timestamp, limit: Int
    ) async throws -> [DeadLetter] {
        let queueID = try await queueID(queue)
        let tables = tables
        return try await front.retrying { connection in
            try connection.run(
                """
                SELECT d.task_id, d.died_at, t.url, t.body, t.labels
                FROM \(tables.deadLetters) d JOIN \(tables.tasks) t ON t.id = d.task_id
                WHERE d.queue_id = \(queueID) AND d.died_at >= \(diedAt) AND d.died_at <= \(until)
                  AND (d.died_at > \(diedAt) OR d.task_id > \(id))
                ORDER BY d.died_at, d.task_id LIMIT \(limit)
                """
            ).rows.map { row in
                DeadLetter(
                    id: try row.taskID(0), diedAt: try row.time(1), url: try row.text(2),
                    body: try row.optional(3, Row.bytes) ?? [], labels: Labels.decode(try row.optional(4, Row.text)))
            }
        }
    }
}
