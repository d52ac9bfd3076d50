package import MySQL

/// What became of one attempt, ready to be written.
package struct OutcomeRecord: Sendable {
    /// What becomes of the task.
    package enum Fate: Sendable, Equatable {
        case succeeded
        case retry(at: Timestamp, Place)
        case dead(reason: String)
        /// It was started and not called, because its time was over: no attempt was made.
        /// - startedAt: of its claim, so that a start that came later is another one.
        case expired(reason: String, startedAt: Timestamp)
    }

    package var id: TaskID
    package var queueID: Int
    /// Where the call went, as it is counted; empty: with others.
    package var host: String
    package var fate: Fate
    package var attempt: AttemptRecord
    /// The task's own, which it has no longer when it is finished.
    package var key: String?
    /// The task that follows this end, if one was asked for.
    package var followUps: [AcceptedTask] = []
    /// When the attempt was due before its destination put it off; nil: it was not.
    package var deferredFrom: Timestamp?

    package init(
        id: TaskID, queueID: Int, host: String, fate: Fate, attempt: AttemptRecord, key: String? = nil
    ) {
        self.key = key
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
        case .dead, .expired: .dead
        }
    }

    /// What is written with one UPDATE: many outcomes of a batch are alike.
    struct Ending: Equatable {
        var state: StoredState
        var attempt: Int
        var isExpired: Bool
    }

    var ending: Ending { Ending(state: state, attempt: attemptsMade, isExpired: isExpired) }

    /// Without one that is not called after all.
    package var attemptsMade: Int { attempt.attempt - (isExpired ? 1 : 0) }

    package var isExpired: Bool { if case .expired = fate { true } else { false } }

    /// Why the task is dead; nil: it is not.
    package var reason: String? {
        switch fate {
        case .dead(let reason), .expired(let reason, _): reason
        case .succeeded, .retry: nil
        }
    }

    /// The claim that it ends.
    struct ClaimKey: Equatable {
        var attempt: Int
        /// nil: whenever it was started.
        var startedAt: Timestamp?

        /// - Parameter row: as `claims` has it.
        func means(_ row: ClaimKey) -> Bool {
            attempt == row.attempt && (startedAt == nil || startedAt == row.startedAt)
        }
    }

    /// An attempt that was made is logged, so that it is not recorded twice; of one that was not made nothing tells it
    /// apart from the next with the same number, but when it was started.
    var claim: ClaimKey {
        if case .expired(_, let time) = fate { return ClaimKey(attempt: attempt.attempt, startedAt: time) }
        return ClaimKey(attempt: attempt.attempt)
    }
}

extension Script {
    /// Ends, retries, dead letters, the attempt log and the counts of a batch; the rows have left `claims` before.
    package mutating func record(_ outcomes: [OutcomeRecord], now: Timestamp, _ tables: Tables) {
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
        for (ending, ids) in finished.lazy.map({ ($0.ending, $0.id) }).grouped() {
            begin(
                "UPDATE ", .table(tables.tasks), " SET state = ", .value(ending.state.rawValue), ", attempt = ",
                .value(ending.attempt), ", finished_at = ", .value(now), ending.isExpired ? ", expired = 1" : "",
                " WHERE id IN ")
            list(ids)
            end()
        }
        let made = outcomes.contains(where: \.isExpired) ? outcomes.filter { !$0.isExpired } : outcomes
        insert(attempts: made.lazy.map { ($0.id, $0.attempt) }, tables)
        let dead = finished.compactMap { outcome in outcome.reason.map { (outcome, $0) } }
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
        release(keysOf: finished, tables)
        count(made, tables)
        countDestinations(made, tables)
    }

    /// A finished task has its key no longer.
    private mutating func release(keysOf outcomes: [OutcomeRecord], _ tables: Tables) {
        var keys: [KeyID: TaskID] = [:]
        for outcome in outcomes {
            if let key = outcome.key { keys[KeyID(queueID: outcome.queueID, key: key)] = outcome.id }
        }
        release(keys, tables)
    }

    mutating func insert(attempts: some Collection<(id: TaskID, attempt: AttemptRecord)>, _ tables: Tables) {
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

extension Sequence {
    /// The ids of those that are alike, in order of id: few keys differ, so looking through them is cheaper than hashing
    /// each.
    func grouped<Key: Equatable>() -> [(key: Key, ids: [TaskID])] where Element == (Key, TaskID) {
        var groups: [(key: Key, ids: [TaskID])] = []
        for (key, id) in self {
            if let index = groups.firstIndex(where: { $0.key == key }) {
                groups[index].ids.append(id)
            } else {
                groups.append((key, [id]))
            }
        }
        for index in groups.indices { groups[index].ids.sort() }
        return groups
    }
}

extension String {
    /// What fits into a VARCHAR, which counts code points: a single character of Swift may be many.
    func fitting(_ limit: Int) -> String {
        String(unicodeScalars.prefix(limit))
    }
}
