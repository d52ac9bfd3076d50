package import MySQL

extension MySQLStore {
    /// Deletes counts of minutes before `time`, at most `limit` rows, unless another instance is at it.
    /// - Returns: how many were deleted.
    package func pruneRollups(before time: Timestamp, limit: Int) async throws -> Int {
        let tables = tables
        return try await front.retrying { connection in
            try self.withNamedLock("rollups", connection) {
                try connection.run(
                    "DELETE FROM \(tables.rollupsMinute) WHERE minute < \(time) ORDER BY minute LIMIT \(limit)"
                ).affected
            } ?? 0
        }
    }
}
