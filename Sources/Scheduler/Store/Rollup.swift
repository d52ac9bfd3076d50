import MySQL

/// Attempts that ended in the same minute and were alike: a row of `rollups_minute`.
struct Rollup: Sendable, Hashable {
    var minute: Timestamp
    var queueID: Int
    var incarnation: UInt64
    var outcome: StoredState
    var outcomeClass: String
    var lateness: DurationBucket
    var duration: DurationBucket

    init(_ outcome: OutcomeRecord) {
        let attempt = outcome.attempt
        minute = attempt.endedAt.minute
        queueID = outcome.queueID
        incarnation = attempt.incarnation
        self.outcome = outcome.state
        outcomeClass = attempt.outcomeClass
        lateness = DurationBucket(microseconds: (attempt.startedAt - attempt.planTime).microseconds)
        duration = DurationBucket(microseconds: (attempt.endedAt - attempt.startedAt).microseconds)
    }
}

extension AttemptRecord {
    /// By which it is counted: never before it began.
    var endedAt: Timestamp { startedAt + .microseconds(max(0, duration.microseconds)) }
}

extension Rollup: Comparable {
    /// The order of the primary key.
    static func < (left: Rollup, right: Rollup) -> Bool {
        let (lead, other) = (
            (left.minute, left.queueID, left.incarnation), (right.minute, right.queueID, right.incarnation)
        )
        if lead != other { return lead < other }
        return (left.outcome.rawValue, left.outcomeClass, left.lateness, left.duration)
            < (right.outcome.rawValue, right.outcomeClass, right.lateness, right.duration)
    }
}

extension Script {
    /// Counts attempts. To be the last that a transaction does, so that its rows are locked for the shortest time; in the
    /// order of the key, so that two that count for the same incarnation wait for each other in the same order.
    mutating func count(_ outcomes: [OutcomeRecord], _ tables: Tables) {
        if outcomes.isEmpty { return }
        var counts: [Rollup: Int] = [:]
        for outcome in outcomes { counts[Rollup(outcome), default: 0] += 1 }
        begin(
            "INSERT INTO ", .table(tables.rollupsMinute),
            " (minute, queue_id, incarnation, outcome, class, lateness_us, duration_us, attempts) VALUES ")
        rows(counts.sorted { $0.key < $1.key }) { row, counted in
            let rollup = counted.key
            row.value(rollup.minute)
            row.value(rollup.queueID)
            row.value(rollup.incarnation)
            row.value(rollup.outcome.rawValue)
            row.value(rollup.outcomeClass)
            row.value(rollup.lateness.bound)
            row.value(rollup.duration.bound)
            row.value(counted.value)
        }
        begin(" ON DUPLICATE KEY UPDATE attempts = attempts + VALUES(attempts)")
        end()
    }
}
