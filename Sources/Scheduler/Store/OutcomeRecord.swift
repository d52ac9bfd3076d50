package import MySQL

/// What became of one attempt, ready to be written.
package struct OutcomeRecord: Sendable {
    /// What becomes of the task.
    package enum Fate: Sendable, Equatable {
        case succeeded
        case retry(at: Timestamp, Place)
        case dead(reason: String)
    }

    package var id: TaskID
    package var queueID: Int
    /// Where the call went, as it is counted; empty: with others.
    package var host: String
    package var fate: Fate
    package var attempt: AttemptRecord
    /// When the attempt was due before its destination put it off; nil: it was not.
    package var deferredFrom: Timestamp?

    package init(id: TaskID, queueID: Int, host: String, fate: Fate, attempt: AttemptRecord) {
        self.id = id
        self.queueID = queueID
        self.host = host
        self.fate = fate
        self.attempt = attempt
    }
}

extension OutcomeRecord {
    var state: StoredState {
        switch fate {
        case .succeeded: .succeeded
        case .retry: .retrying
        case .dead: .dead
        }
    }

    /// What is written with one UPDATE: many outcomes of a batch are alike.
    struct Ending: Hashable {
        var state: StoredState
        var attempt: Int
    }

    var ending: Ending { Ending(state: state, attempt: attempt.attempt) }
}

extension Script {
    /// Ends, retries, dead letters, the attempt log and the counts of a batch; the rows have left `claims` before.
    mutating func record(_ outcomes: [OutcomeRecord], now: Timestamp, _ tables: Tables) {
        var placements: [Placement] = []
        var finished: [OutcomeRecord] = []
        for outcome in outcomes {
            guard case .retry(let time, let place) = outcome.fate else {
                finished.append(outcome)
                continue
            }
            placements.append(Placement(id: outcome.id, queueID: outcome.queueID, planTime: time, place: place))
            statement(
                "UPDATE ", .table(tables.tasks), " SET state = ", .value(StoredState.retrying.rawValue), ", attempt = ",
                .value(outcome.attempt.attempt), ", plan_time = ", .value(time),
                ", deferred_from = NULL, entered_at = ",
                .value(place == .ready ? now : nil), " WHERE id = ", .value(outcome.id))
        }
        for (ending, group) in Dictionary(grouping: finished, by: \.ending) {
            begin(
                "UPDATE ", .table(tables.tasks), " SET state = ", .value(ending.state.rawValue), ", attempt = ",
                .value(ending.attempt), ", finished_at = ", .value(now), " WHERE id IN ")
            list(group.map(\.id).sorted())
            end()
        }
        insert(attempts: outcomes.map { ($0.id, $0.attempt) }, tables)
        let dead = finished.compactMap { outcome in
            if case .dead(let reason) = outcome.fate { (outcome, reason) } else { nil }
        }
        if !dead.isEmpty {
            begin("INSERT INTO ", .table(tables.deadLetters), " (task_id, queue_id, died_at, reason) VALUES ")
            rows(dead) { row, letter in
                row.value(letter.0.id)
                row.value(letter.0.queueID)
                row.value(now)
                row.value(letter.1.fitting(500))
            }
            end()
        }
        insert(placements, now: now, tables)
        count(outcomes, tables)
        countDestinations(outcomes, tables)
    }

    mutating func insert(attempts: [(id: TaskID, attempt: AttemptRecord)], _ tables: Tables) {
        if attempts.isEmpty { return }
        begin(
            "INSERT INTO ", .table(tables.attempts),
            """
             (task_id, attempt, incarnation, version, plan_time, started_at, duration_us, succeeded, class, message,
             status, lookup_us, connect_us, tls_us, first_byte_us, total_us, address, response, response_truncated)
             VALUES 
            """)
        rows(attempts) { row, made in
            let attempt = made.attempt
            row.value(made.id)
            row.value(attempt.attempt)
            row.value(attempt.incarnation)
            row.value(attempt.version)
            row.value(attempt.planTime)
            row.value(attempt.startedAt)
            row.value(max(0, attempt.duration.microseconds))
            row.value(attempt.succeeded ? 1 : 0)
            row.value(attempt.outcomeClass)
            row.value(attempt.message?.fitting(500))
            row.value(attempt.status)
            row.value(attempt.timings.lookup)
            row.value(attempt.timings.connect)
            row.value(attempt.timings.tls)
            row.value(attempt.timings.firstByte)
            row.value(attempt.timings.total)
            row.value(attempt.address)
            row.value(attempt.response.isEmpty ? nil : attempt.response)
            row.value(attempt.responseTruncated ? 1 : 0)
        }
        end()
    }
}

extension String {
    /// What fits into a VARCHAR, which counts code points: a single character of Swift may be many.
    func fitting(_ limit: Int) -> String {
        String(unicodeScalars.prefix(limit))
    }
}
