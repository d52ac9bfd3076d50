import Logging

/// The end of an incarnation that was told to stop.
extension Engine {
    /// Gives back what is not started, lets what runs end within the limit, and frees what is left for the others. While
    /// the database is away it waits for it, within the limit.
    func drain(_ incarnation: Incarnation) async {
        placer.setIncarnation(nil)
        let deadline = clock.time.now().advanced(by: live.shutdown.drain)
        await giveBack(incarnation, until: deadline)
        while dispatcher.count + outcomes.count > 0, clock.time.now() < deadline, !Task.isCancelled {
            // Cancelled: seen by the loop.
            try? await clock.time.sleep(for: .milliseconds(10))
        }
        // A task accepted while this was going on may have been put into our claims.
        if await giveBack(incarnation, until: deadline) {
            // Here before there: the others may begin as soon as it has ended in the database.
            incarnation.lease.end()
            dispatcher.withdraw()
            do {
                try await store.expire(incarnation.number)
            } catch {
                logger.warning("the lease could not be given up; it runs out by itself: \(error)")
            }
        }
        let left = dispatcher.count
        if left > 0 {
            logger.warning("calls were still running at the end of shutdown.drain_s", metadata: ["count": "\(left)"])
        }
    }

    /// - Returns: false when not all could be given back by `deadline`.
    @discardableResult
    private func giveBack(_ incarnation: Incarnation, until deadline: ContinuousClock.Instant) async -> Bool {
        var backoff = Backoff()
        while true {
            do {
                while try await !store.giveBack(incarnation.number, queues: nil, limit: 500, now: clock.now()).isEmpty {
                }
                return true
            } catch {
                if Task.isCancelled || clock.time.now() >= deadline {
                    logger.warning(
                        "not all could be given back; the others take it over when the lease runs out: \(error)")
                    return false
                }
                await backoff.pause(clock.time)
            }
        }
    }
}
