import MySQL

/// Tasks that are overdue and not started.
package struct Backlog: Sendable, Equatable {
    package struct Overdue: Sendable, Equatable {
        package var age: Duration
        /// Those overdue by more than `age`.
        package var tasks: Int
    }

    package var overdue: [Overdue]
    /// For how long the oldest has been overdue; zero when there is none.
    package var oldest: Duration

    package static let ages: [Duration] = [0, 1, 10, 60, 600, 3600].map { .seconds($0) }
}

/// Finds out how old the backlog is without counting large numbers of rows: of each table it looks at a sample, and asks
/// the optimizer how many rows there are beside it.
struct BacklogSurvey {
    let now: Timestamp
    let sampleSize: Int
    let connection: Connection
    let tables: Tables

    func backlog() throws -> Backlog {
        let paused = try connection.run("SELECT id FROM \(tables.queues) WHERE paused_at IS NOT NULL").rows
            .map { try $0.integer(0) }
        var parts = [
            try part { script, _ in
                script.begin(.table(tables.ready), " WHERE TRUE")
                script.leaveOut(paused)
            },
            try part { script, _ in
                script.begin(.table(tables.claims), " WHERE started_at IS NULL")
                script.leaveOut(paused)
            },
        ]
        let heads = try connection.run("SELECT queue_id, MIN(plan_time) FROM \(tables.scheduled) GROUP BY queue_id")
            .rows.map { (queueID: try $0.integer(0), first: try $0.time(1)) }
        let overdue = heads.filter { $0.first < now && !paused.contains($0.queueID) }
        if let first = overdue.map(\.first).min() {
            // Without a worker tasks stay there beyond their plan time.
            var part = try part { script, hint in
                script.begin(.table(tables.scheduled), hint, " WHERE queue_id IN ")
                script.list(overdue.map(\.queueID))
                script.begin(" AND plan_time < ", .value(now))
            }
            part.first = first
            parts.append(part)
        }
        let oldest = parts.compactMap(\.first).min().map { max(.zero, now - $0) } ?? .zero
        return Backlog(
            overdue: Backlog.ages.enumerated().map { index, age in
                Backlog.Overdue(age: age, tasks: parts.reduce(0) { $0 + $1.counts[index] })
            }, oldest: oldest)
    }

    private struct Part {
        /// In the order of `Backlog.ages`.
        var counts: [Int]
        var first: Timestamp?
    }

    /// - Parameter rows: writes what follows FROM, with a hint for the index. MySQL does not dive into an index that it is
    ///   told to take: an estimate is asked for without one.
    private func part(_ rows: (inout Script, _ hint: Script.Part) -> Void) throws -> Part {
        var script = Script(capacity: 1000)
        script.begin("SELECT COUNT(*), MIN(plan_time)")
        for age in Backlog.ages { script.begin(", COALESCE(SUM(plan_time < ", .value(now - age), "), 0)") }
        script.begin(" FROM (SELECT plan_time FROM ")
        rows(&script, " FORCE INDEX (PRIMARY)")
        script.begin(" LIMIT ", .value(sampleSize + 1), ") sample")
        script.end()
        let row = try connection.run(script)[0].rows[0]
        let total = try row.integer(0)
        var part = Part(
            counts: try Backlog.ages.indices.map { try row.integer(2 + $0) }, first: try row.optional(1, Row.time))
        if total > sampleSize {
            script = Script()
            script.begin("EXPLAIN FORMAT=TRADITIONAL SELECT plan_time FROM ")
            rows(&script, "")
            script.end()
            let all = max(total, try connection.run(script)[0].rows.first?.explainedRows(connection.server) ?? 0)
            part.counts = part.counts.map { $0 * all / total }
        }
        return part
    }
}

extension Script {
    fileprivate mutating func leaveOut(_ queues: [Int]) {
        if queues.isEmpty { return }
        begin(" AND queue_id NOT IN ")
        list(queues)
    }
}
