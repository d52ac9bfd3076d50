package import Logging
import MySQL
import Synchronization

/// Takes over what incarnations with an expired lease left in `claims`.
package final class RecoveryLoop: Sendable {
    private let store: any TaskStore
    private let placer: Placer
    private let clock: ClusterClock
    private let newID: @Sendable () -> TaskID
    private let metrics: EngineMetrics
    private let logger: Logger
    private let expired = Mutex<[UInt64]>([])
    private let found = Signal()

    private static let batch = 500

    /// - Parameter newID: makes the ids of follow-ups.
    package init(
        store: any TaskStore, placer: Placer, clock: ClusterClock, newID: @escaping @Sendable () -> TaskID,
        metrics: EngineMetrics, logger: Logger
    ) {
        self.newID = newID
        self.metrics = metrics
        self.store = store
        self.placer = placer
        self.clock = clock
        self.logger = logger
    }

    package func recover(_ incarnations: [UInt64]) {
        if incarnations.isEmpty { return }
        expired.withLock { $0 = incarnations }
        found.notify()
    }

    /// Runs until it is cancelled.
    package func run() async {
        while !Task.isCancelled {
            await found.wait()
            for incarnation in expired.withLock({ exchange(&$0, []) }) {
                do {
                    try await recover(incarnation)
                } catch {
                    if Task.isCancelled { return }
                    // The next heartbeat finds it again.
                    logger.warning("recovery of incarnation \(incarnation) failed: \(error)")
                }
            }
        }
    }

    private func recover(_ incarnation: UInt64) async throws {
        var total = Recovered()
        while !Task.isCancelled {
            let now = clock.now()
            guard
                let batch = try await store.recover(
                    incarnation, limit: Self.batch, now: now,
                    decide: { [placer, newID] lost in
                        var outcome = lost.outcome(now: now, incarnation: incarnation)
                        outcome.follow(lost.followUps, now: now, id: newID) { queueID, time in
                            placer.place(time, queue: queueID, now: now) == .scheduled ? .scheduled : .ready
                        }
                        return outcome
                    })
            else { return }
            total.returned += batch.returned
            total.retried += batch.retried
            total.died += batch.died
            metrics.tasksRecovered.add(batch.returned, "returned")
            metrics.tasksRecovered.add(batch.retried, "retried")
            metrics.tasksRecovered.add(batch.died, "dead")
            if batch.count > 0 { placer.claimable.notify() }
            if batch.isDone { break }
        }
        logger.notice(
            "took over from an instance whose lease ran out",
            metadata: [
                "incarnation": "\(incarnation)", "returned": "\(total.returned)", "retried": "\(total.retried)",
                "died": "\(total.died)",
            ])
    }

    private func exchange<T>(_ value: inout T, _ new: T) -> T {
        let old = value
        value = new
        return old
    }
}
