package import MySQL

/// What is done to days of history, on one connection. Who removes anything holds the named lock `retention` on it: a
/// connection that is lost loses the lock as well and can do nothing more.
package struct History {
    package let connection: Connection
    package let tables: Tables

    package init(_ connection: Connection, _ tables: Tables) {
        self.connection = connection
        self.tables = tables
    }

    // MARK: What there is

    package func layout() throws -> HistoryLayout {
        HistoryLayout(tasks: try partitions(of: tables.tasks), attempts: try partitions(of: tables.attempts))
    }

    private func partitions(of table: TableName) throws -> [HistoryLayout.Partition] {
        try connection.run(
            """
            SELECT PARTITION_NAME, PARTITION_DESCRIPTION FROM information_schema.PARTITIONS
            WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = \(table.text) AND PARTITION_NAME IS NOT NULL
            ORDER BY PARTITION_ORDINAL_POSITION
            """
        ).rows.map { row in
            let bound = try row.text(1)
            if bound == "MAXVALUE" { return HistoryLayout.Partition(name: try row.text(0), to: nil) }
            guard let to = TaskID(hexIn: bound) else {
                throw MySQLError(.unexpectedRow, "\(table.text) has a partition with the bound \(bound)")
            }
            return HistoryLayout.Partition(name: try row.text(0), to: to)
        }
    }

    package func notes() throws -> [HistoryNote] {
        try connection.run(
            """
            SELECT day, has_open, newest_finish, thinned, looked_at, look_again_at FROM \(tables.retentionDays)
            ORDER BY day
            """
        ).rows.map { row in
            HistoryNote(
                day: try row.text(0), hasOpen: try row.integer(1) == 1, newestFinish: try row.optional(2, Row.time),
                thinned: try row.integer(3), lookedAt: try row.time(4), lookAgainAt: try row.time(5))
        }
    }

    package func note(_ day: HistoryDay, _ survey: HistorySurvey, thinned: Int, at now: Timestamp, again: Timestamp)
        throws
    {
        let hasOpen = survey.hasOpen ? 1 : 0
        try connection.run(
            """
            INSERT INTO \(tables.retentionDays) (day, has_open, newest_finish, thinned, looked_at, look_again_at)
            VALUES (\(day.name), \(hasOpen), \(optional: survey.newestFinish), \(thinned), \(now), \(again))
            ON DUPLICATE KEY UPDATE has_open = \(hasOpen), newest_finish = \(optional: survey.newestFinish),
              thinned = thinned + \(thinned), looked_at = \(now), look_again_at = \(again)
            """)
    }

    // MARK: Reading a day in pieces

    /// Looks at the next `limit` tasks after `id` and before `to`, without a lock.
    /// - Parameter before: counts those that ended earlier.
    /// - Returns: nil when there are none; else also the last of them.
    package func survey(
        after id: TaskID, to: TaskID, endedBefore before: Timestamp, limit: Int
    ) throws -> (survey: HistorySurvey, last: TaskID)? {
        let row = try connection.run(
            """
            SELECT COUNT(*), MAX(id), COALESCE(SUM(state IN (0, 2)), 0), MAX(finished_at),
              COALESCE(SUM(state IN (1, 3, 4) AND finished_at < \(before)), 0)
            FROM (SELECT id, state, finished_at FROM \(tables.tasks)
              WHERE id > \(id) AND id < \(to) ORDER BY id LIMIT \(limit)) piece
            """
        ).rows[0]
        let count = try row.integer(0)
        if count == 0 { return nil }
        let survey = HistorySurvey(
            tasks: count, hasOpen: try row.integer(2) > 0, newestFinish: try row.optional(3, Row.time),
            ended: try row.integer(4))
        return (survey, try row.taskID(1))
    }

    /// Of the tasks after `id` and up to `last` those that had ended by then, with their attempts' number.
    package func ended(
        after id: TaskID, upTo last: TaskID, before: Timestamp
    ) throws -> [(id: TaskID, attempts: Int)] {
        try connection.run(
            """
            SELECT id, attempt FROM \(tables.tasks)
            WHERE id > \(id) AND id <= \(last) AND state IN (1, 3, 4) AND finished_at < \(before)
            """
        ).rows.map { (try $0.taskID(0), try $0.integer(1)) }
    }

    /// Deletes those that have still ended by then, and what there is of them elsewhere, in one transaction.
    /// - Returns: how many.
    package func delete(_ ids: [TaskID], endedBefore before: Timestamp) throws -> Int {
        try connection.transaction { connection in
            // Locked in the order in which a retry by hand locks: the task first.
            let ids = try connection.run(
                """
                SELECT id FROM \(tables.tasks)
                WHERE id IN \(list: ids.sorted()) AND state IN (1, 3, 4) AND finished_at < \(before) FOR UPDATE
                """
            ).rows.map { try $0.taskID(0) }
            if ids.isEmpty { return 0 }
            for (table, column) in [
                (tables.attempts, "task_id"), (tables.deadLetters, "task_id"), (tables.taskCopies, "copy_id"),
                (tables.tasks, "id"),
            ] {
                var script = Script(capacity: ids.count * 40 + 100)
                script.begin("DELETE FROM ", .table(table), " WHERE ", .table(TableName(prefix: "", column)), " IN ")
                script.list(ids)
                script.end()
                try connection.run(script)
            }
            return ids.count
        }
    }
}

extension TaskID {
    /// The 32 hexadecimal digits that a server writes a bound with, in whatever form of a literal.
    init?(hexIn text: String) {
        guard let match = text.firstMatch(of: /(?:0x|[xX]')([0-9A-Fa-f]{16})([0-9A-Fa-f]{16})/),
            let high = UInt64(match.1, radix: 16), let low = UInt64(match.2, radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }
}
