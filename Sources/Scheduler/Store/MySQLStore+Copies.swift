import MySQL

extension MySQLStore {
    /// Which task it was made of by duplicating it, the first of those that were made of it, and of its follow-ups.
    package func lineage(of id: TaskID, limit: Int = 100) async throws -> TaskLineage {
        let tables = tables
        return try await reader.retrying { connection in
            let original = try connection.run(
                "SELECT parent_id FROM \(tables.taskCopies) WHERE copy_id = \(id) AND kind = 0"
            ).rows
            func made(_ kind: Int) throws -> [TaskID] {
                try connection.run(
                    """
                    SELECT copy_id FROM \(tables.taskCopies) WHERE parent_id = \(id) AND kind = \(kind)
                    ORDER BY copy_id LIMIT \(limit)
                    """
                ).rows.map { try $0.taskID(0) }
            }
            return TaskLineage(
                original: try original.first?.taskID(0), copies: try made(0), followUps: try made(1))
        }
    }
}

extension Script {
    /// Writes down which of a batch are copies or follow-ups, in the transaction in which they come to be.
    mutating func insert(copies batch: [AcceptedTask], _ tables: Tables) {
        let copies = batch.compactMap { accepted in (accepted.copyOf ?? accepted.follows).map { (accepted, $0) } }
        if copies.isEmpty { return }
        begin("INSERT INTO ", .table(tables.taskCopies), " (parent_id, copy_id, created_at, kind) VALUES ")
        rows(copies) { row, copy in
            row.value(copy.1)
            row.value(copy.0.id)
            row.value(copy.0.createdAt)
            row.value(copy.0.follows == nil ? 0 : 1)
        }
        end()
    }
}
