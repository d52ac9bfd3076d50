import Synchronization

/// The right of an incarnation to run tasks, as far as it can prove it to itself.
///
/// A renewal counts from when it was *sent*: the database wrote `now + duration` later than that, so the lease ends here
/// before it ends there. It is judged by a clock that nobody sets and that runs on while the host sleeps.
package final class Lease: Sendable {
    package let duration: Duration
    /// Nanoseconds from `origin`; the dispatch thread reads it before every call.
    private let validUntil: Atomic<Int64>
    private let origin: ContinuousClock.Instant

    /// Held back from the end: firing stops this long before the others may begin to take over.
    private static let margin: Duration = .milliseconds(500)

    package init(duration: Duration, sentAt: ContinuousClock.Instant) {
        self.duration = duration
        origin = sentAt
        validUntil = Atomic(Self.nanoseconds(duration - Self.margin))
    }

    /// - Returns: false when it had run out before: a call may have been refused by then, so it stays lost.
    package func renew(sentAt: ContinuousClock.Instant, at now: ContinuousClock.Instant) -> Bool {
        let until = Self.nanoseconds(origin.duration(to: sentAt) + duration - Self.margin)
        let before = validUntil.load(ordering: .relaxed)
        guard Self.nanoseconds(origin.duration(to: now)) < before else { return false }
        return validUntil.compareExchange(expected: before, desired: until, ordering: .relaxed).exchanged
    }

    /// Given up for good, before its time.
    package func end() {
        validUntil.store(.min, ordering: .relaxed)
    }

    package func isHeld(at instant: ContinuousClock.Instant) -> Bool {
        let until = validUntil.load(ordering: .relaxed)
        if Self.nanoseconds(origin.duration(to: instant)) < until { return true }
        // Whoever was told so must not see it come back: what he left undone only recovery finds.
        validUntil.store(.min, ordering: .relaxed)
        return false
    }

    /// How long before `instant` the newest renewal was sent. nil: it is lost.
    package func age(at instant: ContinuousClock.Instant) -> Duration? {
        let until = validUntil.load(ordering: .relaxed)
        if until == .min { return nil }
        return origin.duration(to: instant) - .nanoseconds(until) + duration - Self.margin
    }

    private static func nanoseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
