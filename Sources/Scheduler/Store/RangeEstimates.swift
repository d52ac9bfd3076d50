import MySQL

/// How many rows of some queues a table has, by the optimizer's estimates: no row is read.
///
/// InnoDB doubles what it estimates for a long range, and tells no more than half of the table for any. So the estimates
/// are made to fit together: with what was counted they are what it estimates for the whole table.
struct RangeEstimates {
    private(set) var rows: [Int: Int] = [:]
    private let table: TableName
    private var scale = 1.0

    /// - Parameters:
    ///   - queues: those to be estimated.
    ///   - counted: rows of the others.
    init(_ table: TableName, _ queues: [Int], counted: Int, _ connection: Connection) throws {
        self.table = table
        if queues.isEmpty { return }
        var script = Script()
        script.statement("EXPLAIN FORMAT=TRADITIONAL SELECT queue_id FROM ", .table(table))
        for queue in queues {
            script.statement(
                "EXPLAIN FORMAT=TRADITIONAL SELECT queue_id FROM ", .table(table), " WHERE queue_id = ", .value(queue))
        }
        let estimates = try connection.run(script).map { try Self.rows($0, connection.server) }
        let sum = estimates.dropFirst().reduce(0, +)
        scale = min(2, max(0.5, Double(estimates[0] - counted) / Double(max(1, sum))))
        for (queue, estimate) in zip(queues, estimates.dropFirst()) { rows[queue] = scaled(estimate) }
    }

    /// The same for those of them whose plan time has come.
    func due(_ queues: [Int], _ now: Timestamp, _ connection: Connection) throws -> [Int: Int] {
        if queues.isEmpty { return [:] }
        var script = Script()
        for queue in queues {
            script.statement(
                "EXPLAIN FORMAT=TRADITIONAL SELECT queue_id FROM ", .table(table), " WHERE queue_id = ", .value(queue),
                " AND plan_time <= ", .value(now))
        }
        return try zip(queues, connection.run(script)).reduce(into: [:]) { due, result in
            due[result.0] = min(scaled(try Self.rows(result.1, connection.server)), rows[result.0] ?? .max)
        }
    }

    private func scaled(_ estimate: Int) -> Int { Int((Double(estimate) * scale).rounded()) }

    /// The optimizer's estimate in a plan.
    private static func rows(_ result: StatementResult, _ server: ServerInfo) throws -> Int {
        try result.rows.first?.explainedRows(server) ?? 0
    }
}
