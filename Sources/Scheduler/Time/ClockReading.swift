package import MySQL

/// What one question to the database told about its clock.
package struct ClockReading: Sendable {
    package var sentAt: ContinuousClock.Instant
    package var receivedAt: ContinuousClock.Instant
    /// `UTC_TIMESTAMP(6)`, taken by the server somewhere between the two.
    package var databaseTime: Timestamp

    package init(sentAt: ContinuousClock.Instant, receivedAt: ContinuousClock.Instant, databaseTime: Timestamp) {
        self.sentAt = sentAt
        self.receivedAt = receivedAt
        self.databaseTime = databaseTime
    }

    package var middle: ContinuousClock.Instant { sentAt.advanced(by: halfTrip) }
    package var halfTrip: Duration { sentAt.duration(to: receivedAt) / 2 }
}
