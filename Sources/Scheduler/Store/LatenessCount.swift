package import MySQL

/// How many attempts ended in one minute with the same outcome and the same lateness.
package struct LatenessCount: Sendable, Equatable {
    package var minute: Timestamp
    /// What became of the tasks.
    package var outcome: StoredState
    /// Their instance died.
    package var isLost: Bool
    package var lateness: DurationBucket
    package var attempts: Int

    package init(
        minute: Timestamp, outcome: StoredState, isLost: Bool = false, lateness: DurationBucket, attempts: Int
    ) {
        self.minute = minute
        self.outcome = outcome
        self.isLost = isLost
        self.lateness = lateness
        self.attempts = attempts
    }
}

extension LatenessCount {
    init(_ row: Row) throws(MySQLError) {
        guard let outcome = StoredState(rawValue: UInt8(try row.integer(1))) else {
            throw MySQLError(.unexpectedRow, "rollups_minute.outcome holds \(try row.integer(1))")
        }
        self.init(
            minute: try row.time(0), outcome: outcome, isLost: try row.integer(2) == 1,
            lateness: DurationBucket(bound: UInt32(try row.integer(3))), attempts: try row.integer(4))
    }
}
