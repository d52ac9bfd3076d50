import MySQL

/// Calls of a host that have ended within the last hour.
public struct RecentCalls: Sendable, Equatable {
    public var calls = 0
    public var failures = 0
    /// Half of them took at most so long, by the steps in which durations are counted.
    public var medianAtMost: Duration = .zero

    package init() {}
}

extension MySQLStore {
    /// By host, with the port if the URL names one.
    package func recentCalls() async throws -> [String: RecentCalls] {
        let tables = tables
        return try await front.retrying { connection in
            var durations: [String: [(bound: Int, calls: Int)]] = [:]
            var recent: [String: RecentCalls] = [:]
            let rows = try connection.run(
                """
                SELECT host, duration_us, SUM(attempts), SUM(IF(class = 'success', 0, attempts))
                FROM \(tables.rollupsDestination) WHERE minute >= UTC_TIMESTAMP() - INTERVAL 1 HOUR AND class <> 'lost'
                GROUP BY host, duration_us ORDER BY host, duration_us LIMIT 20000
                """
            ).rows
            for row in rows {
                let (host, calls) = (try row.text(0), try row.integer(2))
                recent[host, default: RecentCalls()].calls += calls
                recent[host]?.failures += try row.integer(3)
                durations[host, default: []].append((try row.integer(1), calls))
            }
            for (host, steps) in durations {
                var left = (recent[host]?.calls ?? 0) / 2
                let median = steps.first { step in
                    left -= step.calls
                    return left < 0
                }
                recent[host]?.medianAtMost = .microseconds(median?.bound ?? 0)
            }
            return recent
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
