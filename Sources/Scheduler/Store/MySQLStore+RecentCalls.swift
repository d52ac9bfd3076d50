import MySQL

extension MySQLStore {
    /// More kinds of calls are not read; those of the last hosts, by name, are missing then.
    private static let mostRecentRows = 200_000

    /// Calls of the last hour by host, with the port if the URL names one.
    func recentCallsOfHosts() async throws -> [String: RecentCalls] {
        let tables = tables
        return try await reader.retrying { connection in
            var tallies: [String: RecentCallsTally] = [:]
            let rows = try connection.run(
                """
                SELECT host, class, duration_us, SUM(attempts) FROM \(tables.rollupsDestination)
                WHERE minute >= UTC_TIMESTAMP() - INTERVAL 1 HOUR AND class <> 'lost'
                GROUP BY host, class, duration_us ORDER BY host LIMIT \(Self.mostRecentRows)
                """
            ).rows
            for row in rows {
                tallies[try row.text(0), default: RecentCallsTally()].add(
                    try row.integer(3), try row.text(1), took: try row.integer(2))
            }
            return tallies.mapValues(\.calls)
        }
    }

    /// Calls of the last hour by queue.
    func recentCallsOfQueues() async throws -> [String: RecentCalls] {
        let tables = tables
        return try await reader.retrying { connection in
            let names = try connection.run("SELECT id, name FROM \(tables.queues)").rows
                .reduce(into: [Int: String]()) { names, row in names[try row.integer(0)] = try row.text(1) }
            var tallies: [Int: RecentCallsTally] = [:]
            let recent: Query = """
                FROM \(tables.rollupsMinute) WHERE minute >= UTC_TIMESTAMP() - INTERVAL 1 HOUR AND class <> 'lost'
                """
            let durations = try connection.run(
                "SELECT queue_id, class, duration_us, SUM(attempts) " + recent
                    + " GROUP BY queue_id, class, duration_us LIMIT \(Self.mostRecentRows)"
            ).rows
            for row in durations {
                tallies[try row.integer(0), default: RecentCallsTally()].add(
                    try row.integer(3), try row.text(1), took: try row.integer(2))
            }
            let latenesses = try connection.run(
                "SELECT queue_id, lateness_us, SUM(attempts) " + recent
                    + " GROUP BY queue_id, lateness_us LIMIT \(Self.mostRecentRows)"
            ).rows
            for row in latenesses {
                tallies[try row.integer(0), default: RecentCallsTally()].add(
                    try row.integer(2), late: try row.integer(1))
            }
            return tallies.reduce(into: [:]) { recent, tally in
                if let name = names[tally.key] { recent[name] = tally.value.calls }
            }
        }
    }
}

extension DestinationRecord {
    /// As calls are counted: with the port if the URL names one.
    package var host: String {
        let rest = url.split(separator: "://", maxSplits: 1).last ?? ""
        return String(rest.prefix { $0 != "/" })
    }
}
