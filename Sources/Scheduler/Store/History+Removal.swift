package import MySQL

/// How far the removal of a day is; a process that goes on after a crash begins there.
package enum RemovalStep: Int, Sendable {
    /// Nothing with such an id is stored or gets a new life.
    case closed = 1
    /// All in it has ended.
    case over
    /// And is in the archive, if there is one.
    case exported
}

extension History {
    /// The day that is being removed.
    package func beingRemoved() throws -> (day: HistoryDay, step: RemovalStep)? {
        guard
            let row = try connection.run("SELECT step, day, from_id, to_id FROM \(tables.retention) WHERE id = 1")
                .rows.first, let step = RemovalStep(rawValue: try row.integer(0))
        else { return nil }
        return (HistoryDay(name: try row.text(1), from: try row.taskID(2), to: try row.taskID(3)), step)
    }

    /// From when this returns until `open` nothing with an id of the day is stored or gets a new life: whoever does that
    /// has the row share-locked until his COMMIT.
    package func close(_ day: HistoryDay, to: TaskID) throws {
        try connection.run(
            """
            UPDATE \(tables.retention) SET step = \(RemovalStep.closed.rawValue), day = \(day.name),
              from_id = \(day.from), to_id = \(to) WHERE id = 1
            """)
    }

    package func reach(_ step: RemovalStep) throws {
        try connection.run("UPDATE \(tables.retention) SET step = \(step.rawValue) WHERE id = 1")
    }

    /// Gives the removal up.
    package func open() throws {
        try connection.run(
            "UPDATE \(tables.retention) SET step = 0, day = NULL, from_id = NULL, to_id = NULL WHERE id = 1")
    }

    package func removed(_ day: HistoryDay) throws {
        try connection.run("DELETE FROM \(tables.retentionDays) WHERE day = \(day.name)")
        try connection.run(
            """
            UPDATE \(tables.retention) SET step = 0, day = NULL, from_id = NULL, to_id = NULL,
              removed_day = \(day.name), removed_at = UTC_TIMESTAMP(6) WHERE id = 1
            """)
    }

    /// Deletes some of what tells of the day's tasks elsewhere. - Returns: how many rows.
    package func deleteLinks(_ day: HistoryDay, to: TaskID, limit: Int) throws -> Int {
        let letters = try connection.run(
            """
            DELETE FROM \(tables.deadLetters) WHERE task_id >= \(day.from) AND task_id < \(to)
            ORDER BY task_id LIMIT \(limit)
            """)
        let copies = try connection.run(
            """
            DELETE FROM \(tables.taskCopies) WHERE copy_id >= \(day.from) AND copy_id < \(to)
            ORDER BY copy_id LIMIT \(limit)
            """)
        return max(letters.affected, copies.affected)
    }

    /// Drops a partition with all that it holds. Whoever uses the table then is waited for for at most as long as the
    /// connection waits for locks, a second, and keeps others waiting meanwhile.
    ///
    /// Where the server can, the rows first change places with an empty table, which touches no row, and their file is
    /// deleted when nobody has to wait for that.
    /// - Returns: whether nobody had to wait for it.
    @discardableResult
    package func drop(_ partition: HistoryLayout.Partition, of table: HistoryTable) throws -> Bool {
        var isExchanged = true
        let (name, aside) = names(table)
        let part = TableName(prefix: "", partition.name)
        try dropAside(table)
        try createAside(aside, like: name)
        do throws(MySQLError) {
            try run("ALTER TABLE ", .table(name), " EXCHANGE PARTITION ", .table(part), " WITH TABLE ", .table(aside))
        } catch {
            // MySQL does not do it with a table that was given a column at once, as migrations do, and not built again.
            guard [.partitionIsOtherwise, .partitionDiffers].contains(error.code) else { throw error }
            isExchanged = false
        }
        try run("ALTER TABLE ", .table(name), " DROP PARTITION ", .table(part))
        try dropAside(table)
        return isExchanged
    }

    /// Not by `LIKE`, which makes every partition's file first.
    private func createAside(_ aside: TableName, like table: TableName) throws {
        let text = try connection.run("SHOW CREATE TABLE \(table)").rows[0].text(1)
        let lines = text.split(separator: "\n").dropFirst().prefix { !$0.contains("PARTITION BY RANGE") }
        try connection.run(text: "CREATE TABLE `\(aside.text)` (\n" + lines.joined(separator: "\n"))
    }

    /// Deletes what changed places with a partition, after a crash too: it was exported by then.
    package func dropAside(_ table: HistoryTable) throws {
        try run("DROP TABLE IF EXISTS ", .table(names(table).aside))
    }

    private func names(_ table: HistoryTable) -> (table: TableName, aside: TableName) {
        switch table {
        case .tasks: (tables.tasks, TableName(prefix: tables.prefix, "tasks_removed"))
        case .attempts: (tables.attempts, TableName(prefix: tables.prefix, "attempts_removed"))
        }
    }

    private func run(_ parts: Script.Part...) throws(MySQLError) {
        var script = Script()
        for part in parts { script.begin(part) }
        script.end()
        try connection.run(script)
    }

    /// Deletes some rows of the day, where it has no partition of its own. - Returns: how many.
    package func deleteRows(_ day: HistoryDay, to: TaskID, of table: HistoryTable, limit: Int) throws -> Int {
        switch table {
        case .tasks:
            try connection.run(
                "DELETE FROM \(tables.tasks) WHERE id >= \(day.from) AND id < \(to) ORDER BY id LIMIT \(limit)"
            ).affected
        case .attempts:
            try connection.run(
                """
                DELETE FROM \(tables.attempts) WHERE task_id >= \(day.from) AND task_id < \(to)
                ORDER BY task_id LIMIT \(limit)
                """
            ).affected
        }
    }

    package func failed(_ message: String) throws {
        try connection.run(
            """
            UPDATE \(tables.retention) SET failure = \(message.fitting(500)), failed_at = UTC_TIMESTAMP(6) WHERE id = 1
            """)
    }
}

/// What was done last about old days.
package struct RemovalRecord: Sendable {
    package var removedDay: String?
    package var removedAt: Timestamp?
    package var failure: String?
    package var failedAt: Timestamp?

    package init(removedDay: String?, removedAt: Timestamp?, failure: String?, failedAt: Timestamp?) {
        (self.removedDay, self.removedAt) = (removedDay, removedAt)
        (self.failure, self.failedAt) = (failure, failedAt)
    }
}

extension History {
    package func record() throws -> RemovalRecord? {
        try connection.run(
            "SELECT removed_day, removed_at, failure, failed_at FROM \(tables.retention) WHERE id = 1"
        ).rows.first.map { row in
            RemovalRecord(
                removedDay: try row.optional(0, Row.text), removedAt: try row.optional(1, Row.time),
                failure: try row.optional(2, Row.text), failedAt: try row.optional(3, Row.time))
        }
    }
}
