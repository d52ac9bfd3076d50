package import MySQL

extension MySQLStore {
    /// The living first, by incarnation; then, the newest first, those that have ended within a day.
    /// - Parameter own: the incarnation of this process, if it has one.
    package func instances(
        own: UInt64?, after cursor: InstanceCursor? = nil, limit: Int = 200
    ) async throws -> (now: Timestamp, instances: [InstanceStatus]) {
        let tables = tables
        return try await front.retrying { connection in
            let now = try connection.run("SELECT UTC_TIMESTAMP(6)").rows[0].time(0)
            let columns: Query =
                "SELECT incarnation, name, version, started_at, heartbeat_at, lease_until, ended_at FROM \(tables.instances)"
            var rows: [Row] = []
            let cursor = cursor ?? .living(0)
            if case .living(let last) = cursor {
                rows = try connection.run(
                    columns
                        + " WHERE ended_at IS NULL AND incarnation > \(last) ORDER BY incarnation LIMIT \(limit)"
                ).rows
            }
            if rows.count < limit {
                var ended: Query = columns + " WHERE ended_at >= \(now - .seconds(86_400))"
                if case .ended(let last) = cursor { ended = ended + " AND incarnation < \(last)" }
                rows += try connection.run(
                    ended + " ORDER BY incarnation DESC LIMIT \(limit - rows.count)"
                ).rows
            }
            let claims = try connection.run(
                """
                SELECT incarnation, SUM(started_at IS NULL), COUNT(started_at) FROM \(tables.claims) GROUP BY incarnation
                """
            ).rows.reduce(into: [UInt64: (claimed: Int, running: Int)]()) { claims, row in
                claims[UInt64(try row.integer(0))] = (try row.integer(1), try row.integer(2))
            }
            let instances = try rows.map { row in
                let incarnation = UInt64(try row.integer(0))
                return InstanceStatus(
                    incarnation: incarnation, name: try row.text(1), version: try row.text(2),
                    startedAt: try row.time(3), heartbeatAt: try row.time(4), leaseUntil: try row.time(5),
                    endedAt: try row.optional(6, Row.time), claimed: claims[incarnation]?.claimed ?? 0,
                    running: claims[incarnation]?.running ?? 0, isOwn: incarnation == own)
            }
            return (now, instances)
        }
    }
}
