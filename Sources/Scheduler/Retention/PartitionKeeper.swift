package import Logging
import MySQL

/// Splits the days to come off from the last partition of `tasks` and `attempts`. Any instance does it, one at a time.
package struct PartitionKeeper: Sendable {
    private let store: MySQLStore
    private let clock: ClusterClock
    private let daysAhead: @Sendable () -> Int
    private let logger: Logger

    package init(store: MySQLStore, clock: ClusterClock, daysAhead: @escaping @Sendable () -> Int, logger: Logger) {
        self.store = store
        self.clock = clock
        self.daysAhead = daysAhead
        self.logger = logger
    }

    /// Runs until it is cancelled.
    package func run() async {
        while !Task.isCancelled {
            var pause: Duration = .seconds(3600)
            do {
                let added = try await store.addPartitions { [clock, daysAhead] existing in
                    PartitionPlan.missing(existing: existing, now: clock.now(), daysAhead: daysAhead())
                }
                if added > 0 { logger.info("partitions added for the days to come", metadata: ["count": "\(added)"]) }
            } catch {
                if Task.isCancelled { return }
                logger.warning("adding partitions failed: \(error)")
                // Somebody reads the table. Anything else is not tried again so soon: it may have held up everybody.
                if (error as? MySQLError)?.code == .lockWaitTimeout { pause = .seconds(60) }
            }
            // Cancelled: the loop ends.
            try? await clock.time.sleep(for: pause)
        }
    }
}
