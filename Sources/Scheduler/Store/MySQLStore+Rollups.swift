package import MySQL

extension MySQLStore {
    /// Deletes counts of minutes before `time`, at most `limit` rows of each table, unless another instance is at it.
    /// - Returns: how many were deleted of the table that had the most.
    package func pruneRollups(before time: Timestamp, limit: Int) async throws -> Int {
        let tables = tables
        return try await front.retrying { connection in
            try self.withNamedLock("rollups", connection) {
                try [tables.rollupsMinute, tables.rollupsDestination].map { table in
                    try connection.run("DELETE FROM \(table) WHERE minute < \(time) ORDER BY minute LIMIT \(limit)")
                        .affected
                }.reduce(0, max)
            } ?? 0
        }
    }
}
