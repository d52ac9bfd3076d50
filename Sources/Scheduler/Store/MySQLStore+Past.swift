package import MySQL

extension MySQLStore {
    /// What is sent at once stays well below the servers' `max_allowed_packet` (16 MiB by default).
    private static let pieceBytes = 2 << 20

    /// Inserts tasks with their past in one transaction.
    /// - Parameters:
    ///   - now: for those that go into `ready`.
    ///   - place: where a pending one goes.
    /// - Throws: `duplicateKey`, with nothing done, when one of them is there.
    package func insert(
        past tasks: [PastTask], queueID: Int, now: Timestamp, place: @escaping @Sendable (Timestamp) -> Place
    ) async throws {
        let tables = tables
        try await front.withTransaction { connection in
            try Self.refuseClosed(tasks.lazy.map(\.id), connection, tables)
            var rest = tasks[...]
            while let first = rest.first {
                var (count, bytes) = (0, 0)
                while count < rest.count, count == 0 || bytes < Self.pieceBytes {
                    bytes += rest[rest.startIndex + count].bytes
                    count += 1
                }
                let piece = rest.prefix(count)
                rest = rest.dropFirst(count)
                if count == 1 {
                    try Self.insert(first, queueID, now, place, connection, tables)
                } else {
                    var script = Script(capacity: bytes)
                    script.insert(past: piece, queueID, now, place, tables)
                    script.insert(attempts: piece.flatMap { task in task.attempts.map { (task.id, $0) } }, tables)
                    try connection.run(script)
                }
            }
        }
    }

    /// One by itself: its attempts may be very many.
    private static func insert(
        _ task: PastTask, _ queueID: Int, _ now: Timestamp, _ place: (Timestamp) -> Place, _ connection: Connection,
        _ tables: Tables
    ) throws {
        var script = Script()
        script.insert(past: CollectionOfOne(task), queueID, now, place, tables)
        try connection.run(script)
        var attempts = task.attempts[...]
        while !attempts.isEmpty {
            script = Script()
            script.insert(attempts: attempts.prefix(200).map { (task.id, $0) }, tables)
            try connection.run(script)
            attempts = attempts.dropFirst(200)
        }
    }
}

extension Script {
    fileprivate mutating func insert(
        past tasks: some Collection<PastTask>, _ queueID: Int, _ now: Timestamp, _ place: (Timestamp) -> Place,
        _ tables: Tables
    ) {
        var placements: [Placement] = []
        begin(
            "INSERT INTO ", .table(tables.tasks),
            """
             (id, queue_id, state, attempt, retries_from, requested_time, plan_time, entered_at, method, url, headers,
             body, success_rule, max_retries, retry_delays, timeout_ms, max_redirects, on_lost, labels, created_at,
             finished_at, success_criteria) VALUES 
            """)
        rows(tasks) { row, past in
            var isReady = false
            if case .pending(let planTime) = past.stage {
                let placement = Placement(id: past.id, queueID: queueID, planTime: planTime, place: place(planTime))
                isReady = placement.place == .ready
                placements.append(placement)
            }
            let task = past.task
            row.value(past.id)
            row.value(queueID)
            row.value(past.state.rawValue)
            row.value(past.attempt)
            row.value(past.retriesFrom)
            row.value(task.planTime)
            row.value(past.planTime)
            row.value(isReady ? now : nil)
            row.value(task.request.method)
            row.value(task.request.url)
            row.value(task.request.headerText)
            row.value(task.request.body)
            row.value(task.successRule.storedName)
            row.value(task.retrySchedule.maxRetries)
            row.value(task.retrySchedule.delayText)
            row.value(task.timeout.microseconds / 1000)
            row.value(task.request.maxRedirects)
            row.value(task.onLost.code)
            row.value(Labels.text(task.labels))
            row.value(past.createdAt)
            row.value(past.finishedAt)
            row.value(task.successRule.storedCriteria)
        }
        end()
        let dead = tasks.compactMap { task -> (TaskID, Timestamp, String)? in
            if case .dead(let time, let reason) = task.stage { (task.id, time, reason) } else { nil }
        }
        if !dead.isEmpty {
            begin("INSERT INTO ", .table(tables.deadLetters), " (task_id, queue_id, died_at, reason) VALUES ")
            rows(dead) { row, letter in
                row.value(letter.0)
                row.value(queueID)
                row.value(letter.1)
                row.value(letter.2.fitting(500))
            }
            end()
        }
        insert(placements, now: now, tables)
    }
}
