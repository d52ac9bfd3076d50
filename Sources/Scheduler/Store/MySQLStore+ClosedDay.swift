import MySQL
import ThreadPool

/// Ids that belong to a day that is being removed.
struct ClosedDay: Sendable {
    let from: TaskID
    let to: TaskID

    func contains(_ id: TaskID) -> Bool { id >= from && id < to }
}

extension MySQLStore {
    /// The day that is being removed, if one is. Until the transaction ends nothing changes about that: the row is
    /// share-locked, and is locked whether a day is closed or not.
    static func closedDay(_ connection: Connection, _ tables: Tables) throws(MySQLError) -> ClosedDay? {
        let row = try connection.run(
            "SELECT from_id, to_id FROM \(tables.retention) WHERE id = 1 LOCK IN SHARE MODE"
        ).rows.first
        guard let row, let from = try row.optional(0, Row.taskID), let to = try row.optional(1, Row.taskID) else {
            return nil
        }
        return ClosedDay(from: from, to: to)
    }

    /// An id as old as this may belong to a day that is being removed: history is kept for a day at least.
    static func mayBeClosed(_ id: TaskID, now: Timestamp) -> Bool { id.time < now - .seconds(43_200) }

    static func refuseClosed(
        _ ids: some Sequence<TaskID>, _ connection: Connection, _ tables: Tables
    ) throws(MySQLError) {
        guard let day = try closedDay(connection, tables), ids.contains(where: day.contains) else { return }
        throw MySQLError(
            .dayIsBeingRemoved,
            "days before \(day.to.time.rfc3339) are being removed; a task with such an id is stored after that")
    }

    /// Runs `body` on a connection of its own, alone among the instances.
    /// - Parameter lockWait: whole seconds. Whoever waits behind an ALTER TABLE waits no longer.
    /// - Returns: nil when another is at it.
    package func withHistory<T: Sendable>(
        lockWait: Duration = .seconds(1), _ body: @escaping @Sendable (History) throws -> T
    ) async throws -> T? {
        var options = options
        // A large file may take long to go.
        options.readTimeout = max(options.readTimeout, .seconds(600))
        options.lockWait = lockWait
        let pool = ConnectionPool(options, .init(connections: 1, waitTimeout: .seconds(10)))
        defer { pool.close() }
        let tables = tables
        return try await withTaskCancellationHandler {
            try await pool.withConnection { connection in
                try self.withNamedLock("retention", connection) { try body(History(connection, tables)) }
            }
        } onCancel: {
            pool.interrupt()
        }
    }
}
