package import Logging
import MySQL

/// Deletes the counts per minute that are older than they are kept. Any instance does it, one at a time.
package struct RollupKeeper: Sendable {
    private let store: MySQLStore
    private let clock: ClusterClock
    private let daysKept: @Sendable () -> Int
    private let logger: Logger

    /// A transaction that is over in milliseconds.
    private static let batch = 1000

    package init(store: MySQLStore, clock: ClusterClock, daysKept: @escaping @Sendable () -> Int, logger: Logger) {
        self.store = store
        self.clock = clock
        self.daysKept = daysKept
        self.logger = logger
    }

    /// Runs until it is cancelled.
    package func run() async {
        while !Task.isCancelled {
            do {
                try await prune()
            } catch {
                if Task.isCancelled { return }
                logger.warning("old counts per minute are not deleted: \(error)")
            }
            // Cancelled: the loop ends.
            try? await clock.time.sleep(for: .seconds(600))
        }
    }

    private func prune() async throws {
        let oldest = (clock.now() - .seconds(daysKept() * 86_400)).minute
        while try await store.pruneRollups(before: oldest, limit: Self.batch) == Self.batch {
            // The disk is for the tasks.
            try await clock.time.sleep(for: .milliseconds(100))
        }
    }
}
