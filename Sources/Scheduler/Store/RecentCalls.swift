import MySQL

/// Calls of a host that have ended within the last hour.
public struct RecentCalls: Sendable, Equatable {
    public var calls = 0
    public var failures = 0
    /// Half of them took at most so long, by the steps in which durations are counted.
    public var medianAtMost: Duration = .zero
    /// All but one in a hundred took at most so long.
    public var p99AtMost: Duration = .zero
    /// How many ended how, by `class` as in the attempt log.
    public var classes: [String: Int] = [:]

    package init() {}

    /// - Parameter steps: how many took at most so long, in microseconds; the shortest first.
    package static func quantile(_ part: Double, of steps: [(bound: Int, calls: Int)]) -> Duration {
        let calls = steps.reduce(0) { $0 + $1.calls }
        var left = Int((Double(calls) * part).rounded(.up))
        for step in steps {
            left -= step.calls
            if left <= 0 { return .microseconds(step.bound) }
        }
        return .zero
    }
}

extension MySQLStore {
    /// By host, with the port if the URL names one.
    package func recentCalls() async throws -> [String: RecentCalls] {
        let tables = tables
        return try await front.retrying { connection in
            var steps: [String: [Int: Int]] = [:]
            var recent: [String: RecentCalls] = [:]
            let rows = try connection.run(
                """
                SELECT host, class, duration_us, SUM(attempts) FROM \(tables.rollupsDestination)
                WHERE minute >= UTC_TIMESTAMP() - INTERVAL 1 HOUR AND class <> 'lost'
                GROUP BY host, class, duration_us LIMIT 50000
                """
            ).rows
            for row in rows {
                let (host, outcomeClass, calls) = (try row.text(0), try row.text(1), try row.integer(3))
                recent[host, default: RecentCalls()].calls += calls
                if outcomeClass != "success" { recent[host]?.failures += calls }
                recent[host]?.classes[outcomeClass, default: 0] += calls
                steps[host, default: [:]][try row.integer(2), default: 0] += calls
            }
            for (host, counts) in steps {
                let steps = counts.sorted { $0.key < $1.key }.map { (bound: $0.key, calls: $0.value) }
                recent[host]?.medianAtMost = RecentCalls.quantile(0.5, of: steps)
                recent[host]?.p99AtMost = RecentCalls.quantile(0.99, of: steps)
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
