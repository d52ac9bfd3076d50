package import MySQL

extension MySQLStore {
    /// One page, the newest death first.
    /// - Parameters:
    ///   - budget: about how long a search takes before it gives what it has.
    ///   - piece: how many letters a search looks at with one statement.
    package func deadLetters(
        _ filter: DeadLetterFilter, before cursor: DeadLetterCursor?, limit: Int,
        budget: Duration = .milliseconds(200), piece: Int = 2000
    ) async throws -> DeadLetterPage {
        let tables = tables
        return try await reader.retrying { connection in
            let end = ContinuousClock.now.advanced(by: budget)
            var scan = try DeadLetterScan(filter, .newestFirst, behind: cursor, connection, tables)
            var hits: [DeadLetterCursor] = []
            repeat {
                hits += try scan.next(filter.isSearch ? piece : limit + 1, connection)
            } while hits.count <= limit && !scan.isAtEnd && ContinuousClock.now < end
            var page = DeadLetterPage()
            let shown = hits.prefix(limit)
            if hits.count > limit {
                page.next = shown.last
            } else if !scan.isAtEnd {
                page.next = scan.position
                page.searchedTo = scan.position?.diedAt
            }
            if !shown.isEmpty { page.letters = try self.summaries(shown.map(\.id), connection) }
            return page
        }
    }

    private func summaries(_ ids: [TaskID], _ connection: Connection) throws -> [DeadLetterSummary] {
        try connection.run(
            """
            SELECT d.task_id, d.queue_id, d.died_at, d.reason, t.method, t.url, t.attempt, t.plan_time, t.labels,
              t.expired
            FROM \(tables.deadLetters) d JOIN \(tables.tasks) t ON t.id = d.task_id WHERE d.task_id IN \(list: ids)
            ORDER BY d.died_at DESC, d.task_id DESC
            """
        ).rows.map { row in
            DeadLetterSummary(
                id: try row.taskID(0), queue: try queueName(try row.integer(1), connection), diedAt: try row.time(2),
                reason: try row.text(3), method: try row.text(4), url: try row.text(5), attempts: try row.integer(6),
                planTime: try row.time(7), labels: Labels.decode(try row.optional(8, Row.text)),
                isExpired: try row.integer(9) == 1)
        }
    }

    /// Counts for about as long as `budget`; of what is left then it supposes that it is like what was counted.
    /// - Parameter until: only those that died at or before.
    package func countDeadLetters(
        _ filter: DeadLetterFilter, until: Timestamp? = nil, budget: Duration = .milliseconds(200), piece: Int = 5000
    ) async throws -> Estimate {
        let tables = tables
        return try await reader.retrying { connection in
            let end = ContinuousClock.now.advanced(by: budget)
            var scan = try DeadLetterScan(filter, .oldestFirst, until: until, connection, tables)
            var hits = 0
            repeat {
                hits += try scan.next(piece, connection).count
            } while !scan.isAtEnd && ContinuousClock.now < end
            if scan.isAtEnd { return Estimate(hits) }
            let rest = try scan.estimatedRest(connection)
            return Estimate(hits + Int(Double(rest) * Double(hits) / Double(scan.count)), isExact: false)
        }
    }
}
