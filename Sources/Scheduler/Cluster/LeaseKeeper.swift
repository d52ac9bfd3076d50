package import Logging

/// Renews an incarnation's lease, keeps the clock, and tells what the other instances do.
package struct LeaseKeeper: Sendable {
    package struct Lost: Error {}

    package var store: any TaskStore
    package var clock: ClusterClock
    package var lease: Lease
    package var incarnation: UInt64
    package var interval: Duration
    package var logger: Logger

    package init(
        store: any TaskStore, clock: ClusterClock, lease: Lease, incarnation: UInt64, interval: Duration, logger: Logger
    ) {
        self.store = store
        self.clock = clock
        self.lease = lease
        self.incarnation = incarnation
        self.interval = interval
        self.logger = logger
    }

    /// Runs until it is cancelled.
    /// - Parameter onView: called after each heartbeat.
    /// - Throws: `Lost` when the lease could not be kept.
    package func run(onView: (ClusterView) -> Void) async throws {
        var backoff = Backoff()
        while true {
            let sentAt = clock.time.now()
            // Once lapsed it stays lost, though the database might still renew it: calls have been held back meanwhile,
            // and theirs are claims that nobody but recovery takes up again.
            guard lease.isHeld(at: sentAt) else { throw Lost() }
            do {
                guard let beat = try await store.heartbeat(incarnation, lease: lease.duration) else { throw Lost() }
                guard lease.renew(sentAt: sentAt, at: clock.time.now()) else { throw Lost() }
                clock.add(beat.clock)
                onView(beat.view)
                backoff.reset()
                try await clock.time.sleep(for: interval)
            } catch let lost as Lost {
                throw lost
            } catch {
                try Task.checkCancellation()
                logger.warning("heartbeat failed: \(error)")
                if !lease.isHeld(at: clock.time.now()) { throw Lost() }
                await backoff.pause(clock.time)
            }
        }
    }
}
