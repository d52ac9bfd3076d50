import MySQL

extension MySQLStore {
    /// What is known of those of these tasks that ask for a follow-up. A task that runs is not edited, so it stays true
    /// until its outcome is recorded.
    package func followUps(of ids: [TaskID]) async throws -> [TaskID: FollowUpSource] {
        let sources = try await engine.retrying { connection in try self.followUps(of: ids, connection) }
        for source in sources.values {
            for (name, id) in source.queueIDs { remember(name, id) }
        }
        return sources
    }

    func followUps(of ids: [TaskID], _ connection: Connection) throws -> [TaskID: FollowUpSource] {
        var script = Script(capacity: ids.count * 40 + 400)
        script.begin(
            "SELECT id, queue_id, task_key, labels, requested_time, traceparent, on_success, on_failure FROM ",
            .table(tables.tasks), " WHERE (on_success IS NOT NULL OR on_failure IS NOT NULL) AND id IN ")
        script.list(ids)
        script.end()
        var sources: [TaskID: FollowUpSource] = [:]
        var queueIDs: [String: Int] = [:]
        for row in try connection.run(script)[0].rows {
            let followUps = try row.followUps(onSuccess: 6, onFailure: 7)
            for name in Set(followUps.values.map(\.queue)) where queueIDs[name] == nil {
                queueIDs[name] = try queueID(name, connection)
            }
            sources[try row.taskID(0)] = FollowUpSource(
                queue: try queueName(try row.integer(1), connection), key: try row.optional(2, Row.text),
                labels: Labels.decode(try row.optional(3, Row.text)), planTime: try row.time(4),
                trace: try row.optional(5, Row.text).flatMap(TraceContext.init), followUps: followUps,
                queueIDs: queueIDs)
        }
        return sources
    }

    /// What is sent at once stays well below the servers' `max_allowed_packet` (16 MiB by default).
    private static let pieceBytes = 2 << 20

    /// Inserts the tasks that follow these outcomes, in the transaction that is under way.
    static func insert(
        followUpsOf outcomes: [OutcomeRecord], now: Timestamp, _ connection: Connection, _ tables: Tables
    ) throws(MySQLError) {
        var rest = outcomes.flatMap(\.followUps)[...]
        while !rest.isEmpty {
            var (count, bytes) = (0, 0)
            while count < rest.count, count == 0 || bytes < pieceBytes {
                bytes += rest[rest.startIndex + count].task.bytes
                count += 1
            }
            var script = Script(capacity: bytes)
            script.insert(Array(rest.prefix(count)), now: now, tables)
            try connection.run(script)
            rest = rest.dropFirst(count)
        }
    }
}

extension FollowUpSource {
    fileprivate init(
        queue: String, key: String?, labels: [String: String], planTime: Timestamp, trace: TraceContext?,
        followUps: [FollowUp.Occasion: FollowUp], queueIDs: [String: Int]
    ) {
        self.queue = queue
        self.key = key
        self.labels = labels
        self.planTime = planTime
        self.trace = trace
        self.followUps = followUps
        self.queueIDs = queueIDs
    }
}

extension NewTask {
    /// About what it takes in a statement.
    fileprivate var bytes: Int {
        600 + request.url.utf8.count + (request.body?.count ?? 0)
            + request.headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
            + (successRule.storedCriteria?.utf8.count ?? 0)
            + labels.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
    }
}

extension FollowUp.Occasion {
    /// Where `tasks` holds it.
    var column: Query {
        switch self {
        case .onSuccess: "on_success"
        case .onFailure: "on_failure"
        }
    }
}

extension Row {
    func followUps(onSuccess: Int, onFailure: Int) throws(MySQLError) -> [FollowUp.Occasion: FollowUp] {
        if isNull(onSuccess), isNull(onFailure) { return [:] }
        var followUps: [FollowUp.Occasion: FollowUp] = [:]
        followUps[.onSuccess] = try optional(onSuccess, Row.followUp)
        followUps[.onFailure] = try optional(onFailure, Row.followUp)
        return followUps
    }

    private func followUp(_ column: Int) throws(MySQLError) -> FollowUp {
        let text = try text(column)
        guard let followUp = FollowUp(storedText: text) else {
            throw MySQLError(.unexpectedRow, "a follow-up is not known to this version: \(text.fitting(200))")
        }
        return followUp
    }
}
