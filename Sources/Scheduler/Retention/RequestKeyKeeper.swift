import Logging
import MySQL

/// Deletes the keys of requests that have run out. Any instance does it; two at once do no harm.
struct RequestKeyKeeper: Sendable {
    let store: MySQLStore
    let clock: ClusterClock
    let logger: Logger

    /// A transaction that is over in milliseconds, unless the answers are long.
    private static let batch = 500

    /// Runs until it is cancelled.
    func run() async {
        while !Task.isCancelled {
            do {
                while try await store.pruneRequestKeys(before: clock.now(), limit: Self.batch) == Self.batch {
                    // The disk is for the tasks.
                    try await clock.time.sleep(for: .milliseconds(100))
                }
            } catch {
                if Task.isCancelled { return }
                logger.warning("keys of old requests are not deleted: \(error)")
            }
            // Cancelled: the loop ends.
            try? await clock.time.sleep(for: .seconds(60))
        }
    }
}
