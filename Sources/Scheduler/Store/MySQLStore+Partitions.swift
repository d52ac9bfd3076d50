import MySQL

extension MySQLStore {
    /// Splits partitions off from the last one, under a named lock, in both tables alike.
    /// - Parameter plan: gets the names that exist and says which are missing.
    /// - Returns: how many were added to each table; 0 also when another instance is at it.
    package func addPartitions(_ plan: @escaping @Sendable ([String]) -> [DayPartition]) async throws -> Int {
        let (tables, options) = (tables, options)
        return try await front.withConnection { connection in
            try self.withNamedLock("partitions", connection) {
                // While ALTER TABLE waits for a long report to end, whoever needs the table waits behind it.
                try connection.run("SET SESSION lock_wait_timeout = 1")
                defer {
                    _ = try? connection.run(
                        "SET SESSION lock_wait_timeout = \(max(1, options.lockWait.components.seconds))")
                }
                var added = 0
                for table in [tables.tasks, tables.attempts] {
                    let names = try connection.run(
                        """
                        SELECT PARTITION_NAME FROM information_schema.PARTITIONS
                        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = \(table.text) AND PARTITION_NAME IS NOT NULL
                        """
                    ).rows.map { try $0.text(0) }
                    let missing = plan(names)
                    if missing.isEmpty { continue }
                    var script = Script()
                    script.begin("ALTER TABLE ", .table(table), " REORGANIZE PARTITION later INTO (")
                    for partition in missing {
                        script.begin("PARTITION ", .table(TableName(prefix: "", partition.name)), " VALUES LESS THAN (")
                        partition.bound.writeLiteral(to: &script)
                        script.begin("), ")
                    }
                    script.begin("PARTITION later VALUES LESS THAN (MAXVALUE))")
                    script.end()
                    try connection.run(script)
                    added = max(added, missing.count)
                }
                return added
            } ?? 0
        }
    }
}
