package import MySQL
import Synchronization

/// The cluster's clock, shared by all that need the time.
package final class ClusterClock: Sendable {
    /// The monotonic clock against which the database's is kept.
    package let time: any Timekeeper
    private let estimate: Mutex<ClockEstimate>

    package init(_ estimate: ClockEstimate, _ time: any Timekeeper) {
        self.time = time
        self.estimate = Mutex(estimate)
    }

    package func add(_ reading: ClockReading) {
        estimate.withLock { $0.add(reading) }
    }

    package func now() -> Timestamp {
        time(at: time.now())
    }

    package func time(at instant: ContinuousClock.Instant) -> Timestamp {
        estimate.withLock { $0.time(at: instant) }
    }

    /// By how much it may be wrong now.
    package var error: Duration {
        let now = time.now()
        return estimate.withLock { $0.errorBound(at: now) }
    }

    package func instant(of time: Timestamp) -> ContinuousClock.Instant {
        estimate.withLock { $0.instant(of: time) }
    }

    package func instant(before time: Timestamp) -> ContinuousClock.Instant {
        estimate.withLock { $0.instant(before: time) }
    }
}
