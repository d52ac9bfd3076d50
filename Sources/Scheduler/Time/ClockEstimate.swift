package import MySQL

/// The cluster's clock, which is the database's, seen from this host's monotonic clock.
///
/// The host's wall clock takes no part in it, so its jumps change nothing.
package struct ClockEstimate: Sendable {
    private var reading: ClockReading

    /// How fast two clocks may run apart: crystals are within 100 parts per million.
    private static let drift = 100.0 / 1_000_000

    package init(_ reading: ClockReading) {
        self.reading = reading
    }

    /// Takes the new reading when it tells more than the aged old one, or contradicts it (the database's clock was set,
    /// or another server took over).
    package mutating func add(_ new: ClockReading) {
        let difference = new.databaseTime - time(at: new.middle)
        let bound = errorBound(at: new.middle)
        let contradicts = abs(difference.microseconds) > (bound + new.halfTrip).microseconds
        if contradicts || new.halfTrip <= bound { reading = new }
    }

    /// The database's time at `instant`, best guess.
    package func time(at instant: ContinuousClock.Instant) -> Timestamp {
        reading.databaseTime + reading.middle.duration(to: instant)
    }

    /// By how much `time(at:)` may be wrong.
    package func errorBound(at instant: ContinuousClock.Instant) -> Duration {
        let age = reading.middle.duration(to: instant)
        return reading.halfTrip + .microseconds(Int64(Double(max(0, age.microseconds)) * Self.drift))
    }

    /// The first instant at which the database's clock has surely reached `time`.
    package func instant(of time: Timestamp) -> ContinuousClock.Instant {
        let guess = reading.middle.advanced(by: time - reading.databaseTime)
        // The clocks drift apart while the bound passes, too; and microseconds are cut.
        let bound = errorBound(at: guess.advanced(by: errorBound(at: guess)))
        return guess.advanced(by: bound + .microseconds(1))
    }

    /// Before this instant the database's clock has surely not reached `time`.
    package func instant(before time: Timestamp) -> ContinuousClock.Instant {
        let guess = reading.middle.advanced(by: time - reading.databaseTime)
        return guess.advanced(by: .microseconds(-1) - errorBound(at: guess))
    }
}
