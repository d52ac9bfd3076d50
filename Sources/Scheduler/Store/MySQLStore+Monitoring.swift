package import MySQL

/// What the database tells for the metrics.
package struct MonitoringFigures: Sendable {
    package var backlog: Backlog
    /// Instances with a lease.
    package var alive: Int
    /// Those whose lease has run out and whom nobody has recovered yet.
    package var expired: Int
    /// Days from tomorrow on for which both tables have a partition.
    package var partitionsAhead: Int
    /// nil: the user has not the right PROCESS.
    package var historyListLength: Int?
    /// nil: the user has not the right PROCESS. Zero: none is open.
    package var oldestTransaction: Duration?
    /// When the days ended that have a partition and are not to come; oldest first.
    package var pastDays: [Timestamp]
    package var removal: RemovalRecord?
    package var now: Timestamp
}

extension MySQLStore {
    /// Its cost does not grow with the number of tasks.
    /// - Parameter sampleSize: no more rows than this of a table are looked at.
    package func monitoringFigures(sampleSize: Int = 10_000) async throws -> MonitoringFigures {
        let tables = tables
        return try await front.retrying { connection in
            let now = try connection.run("SELECT UTC_TIMESTAMP(6)").rows[0].time(0)
            let survey = BacklogSurvey(now: now, sampleSize: sampleSize, connection: connection, tables: tables)
            let leases = try connection.run(
                """
                SELECT COALESCE(SUM(lease_until > \(now)), 0), COALESCE(SUM(lease_until <= \(now)), 0)
                FROM \(tables.instances) WHERE ended_at IS NULL
                """
            ).rows[0]
            return MonitoringFigures(
                backlog: try survey.backlog(), alive: try leases.integer(0), expired: try leases.integer(1),
                partitionsAhead: try Self.partitionsAhead(of: now, connection, tables),
                historyListLength: try Self.permitted { try Self.historyListLength(connection) },
                oldestTransaction: try Self.permitted { try Self.oldestTransaction(connection) },
                pastDays: try Self.pastDays(at: now, History(connection, tables)),
                removal: try History(connection, tables).record(), now: now)
        }
    }

    /// Days from tomorrow on for which both `tasks` and `attempts` have a partition.
    package static func partitionsAhead(
        of now: Timestamp, _ connection: Connection, _ tables: Tables
    ) throws -> Int {
        let newest =
            try [tables.tasks, tables.attempts].map { table in
                try connection.run(
                    """
                    SELECT MAX(PARTITION_NAME) FROM information_schema.PARTITIONS
                    WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = \(table.text) AND PARTITION_NAME LIKE 'p%'
                    """
                ).rows[0].optional(0, Row.text) ?? ""
            }.min() ?? ""
        let days = (1...400).prefix { DayPartition(day: now + .seconds(86_400 * $0)).name <= newest }
        return days.count
    }

    private static func pastDays(at now: Timestamp, _ history: History) throws -> [Timestamp] {
        let ends = try history.layout().days.compactMap { $0.to?.time }
        return ends.filter { $0 <= now + .seconds(86_400) }
    }

    private static func historyListLength(_ connection: Connection) throws -> Int {
        try connection.run(
            "SELECT `COUNT` FROM information_schema.INNODB_METRICS WHERE NAME = 'trx_rseg_history_len'"
        ).rows.first?.integer(0) ?? 0
    }

    private static func oldestTransaction(_ connection: Connection) throws -> Duration {
        guard connection.server.kind == .mariadb else {
            // MySQL's INNODB_TRX has the statements' text, and fails where there are bytes in one that are no text.
            let age = try connection.run(
                """
                SELECT MAX(TIMER_WAIT) DIV 1000000 FROM performance_schema.events_transactions_current
                WHERE STATE = 'ACTIVE'
                """
            ).rows[0].optional(0, Row.integer)
            return .microseconds(age ?? 0)
        }
        // `trx_started` is in the server's own time zone.
        try connection.run(text: "SET SESSION time_zone = 'SYSTEM'")
        defer {
            // A connection that is lost is not used again.
            _ = try? connection.run(text: "SET SESSION time_zone = '+00:00'")
        }
        let age = try connection.run(
            "SELECT TIMESTAMPDIFF(MICROSECOND, MIN(trx_started), NOW(6)) FROM information_schema.INNODB_TRX"
        ).rows[0].optional(0, Row.integer)
        return .microseconds(max(0, age ?? 0))
    }

    /// nil: the user has not the right to know.
    private static func permitted<T>(_ body: () throws -> T) throws -> T? {
        do {
            return try body()
        } catch let error as MySQLError where error.code == .lacksPrivilege || error.code == .tableAccessDenied {
            return nil
        }
    }
}
