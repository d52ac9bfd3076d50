import MySQL

/// Attempts of one host that ended in the same minute and were alike: the key of a row of `rollups_destination`.
struct DestinationRollup: Sendable, Hashable {
    var minute: Timestamp
    var incarnation: UInt64
    /// Empty: others, of which there were too many.
    var host: String
    var outcomeClass: String
    var duration: DurationBucket

    init(_ outcome: OutcomeRecord) {
        let attempt = outcome.attempt
        minute = attempt.endedAt.minute
        incarnation = attempt.incarnation
        host = outcome.host.fitting(255)
        outcomeClass = attempt.outcomeClass
        duration = DurationBucket(microseconds: (attempt.endedAt - attempt.startedAt).microseconds)
    }

    /// What is known of all that are alike.
    struct Summary: Sendable, Equatable {
        var attempts = 0
        /// When the last of them began, and what was wrong with it.
        var lastStartedAt = Timestamp(microseconds: .min)
        var lastMessage: String?

        mutating func add(_ attempt: AttemptRecord) {
            attempts += 1
            if attempt.startedAt < lastStartedAt { return }
            lastStartedAt = attempt.startedAt
            lastMessage = attempt.message
        }
    }

    static func summaries(_ outcomes: [OutcomeRecord]) -> [DestinationRollup: Summary] {
        var summaries: [DestinationRollup: Summary] = [:]
        for outcome in outcomes { summaries[DestinationRollup(outcome), default: Summary()].add(outcome.attempt) }
        return summaries
    }
}

extension DestinationRollup: Comparable {
    /// The order of the primary key.
    static func < (left: DestinationRollup, right: DestinationRollup) -> Bool {
        (left.minute, left.incarnation, left.host, left.outcomeClass, left.duration)
            < (right.minute, right.incarnation, right.host, right.outcomeClass, right.duration)
    }
}

extension Script {
    /// Counts attempts by host, as `count` does by queue: at the end of a transaction, in the order of the key.
    mutating func countDestinations(_ outcomes: [OutcomeRecord], _ tables: Tables) {
        if outcomes.isEmpty { return }
        begin(
            "INSERT INTO ", .table(tables.rollupsDestination),
            " (minute, incarnation, host, class, duration_us, attempts, last_started_at, last_message) VALUES ")
        rows(DestinationRollup.summaries(outcomes).sorted { $0.key < $1.key }) { row, counted in
            let (rollup, summary) = counted
            row.value(rollup.minute)
            row.value(rollup.incarnation)
            row.value(rollup.host)
            row.value(rollup.outcomeClass)
            row.value(rollup.duration.bound)
            row.value(summary.attempts)
            row.value(summary.lastStartedAt)
            row.value(summary.lastMessage?.fitting(500))
        }
        // Assigned from left to right: the message is to be compared with the time that was there.
        begin(
            """
             ON DUPLICATE KEY UPDATE attempts = attempts + VALUES(attempts),
             last_message = IF(VALUES(last_started_at) < last_started_at, last_message, VALUES(last_message)),
             last_started_at = GREATEST(last_started_at, VALUES(last_started_at))
            """)
        end()
    }
}
