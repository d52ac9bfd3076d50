package import MySQL

/// What one look at the counts of attempts and at the tasks that wait gave.
package struct Figures: Sendable {
    package var now: Timestamp
    package var counts: [LatenessCount]
    package var due: DueCounts
}

extension MySQLStore {
    /// Looks at one state of the tables, so that no task that moves between them is counted twice or missed.
    /// - Parameter exactLimit: more rows than this of a table are not counted; the optimizer is asked instead.
    package func figures(minutesBack: Int, minutesAhead: Int, exactLimit: Int = 10_000) async throws -> Figures {
        let tables = tables
        return try await reader.retrying { connection in
            try connection.run(text: "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            return try connection.transaction { connection in
                let now = try connection.run("SELECT UTC_TIMESTAMP(6)").rows[0].time(0)
                let counts = try connection.run(
                    """
                    SELECT minute, outcome, class = 'lost', lateness_us, SUM(attempts) FROM \(tables.rollupsMinute)
                    WHERE minute >= \(now.minute - .seconds(60 * minutesBack)) GROUP BY 1, 2, 3, 4
                    """
                ).rows.map(LatenessCount.init)
                let survey = DueSurvey(
                    now: now, minutes: minutesAhead, exactLimit: exactLimit, connection: connection, tables: tables)
                return Figures(now: now, counts: counts, due: try survey.counts())
            }
        }
    }
}
