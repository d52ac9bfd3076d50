import Glibc
package import Logging
import MySQL

/// Removes the days of history that are older than they are kept. Any instance does it, one at a time.
package struct RetentionKeeper: Sendable {
    private let store: MySQLStore
    private let clock: ClusterClock
    private let settings: @Sendable () -> Configuration.Retention
    private let metrics: EngineMetrics
    private let logger: Logger

    package init(
        store: MySQLStore, clock: ClusterClock, settings: @escaping @Sendable () -> Configuration.Retention,
        metrics: EngineMetrics, logger: Logger
    ) {
        self.store = store
        self.clock = clock
        self.settings = settings
        self.metrics = metrics
        self.logger = logger
    }

    /// Runs until it is cancelled.
    package func run() async {
        while !Task.isCancelled {
            var pause: Duration = .seconds(3600)
            do {
                try await pass()
            } catch {
                if Task.isCancelled { return }
                logger.warning("old days of history are not removed: \(error)")
                metrics.retentionFailures.add(1)
                await writeDown(error)
                // Somebody reads the table, and may have ended soon. Anything else would fail again.
                if let code = (error as? MySQLError)?.code, [.lockWaitTimeout, .deadlock].contains(code) {
                    pause = .seconds(60)
                }
            }
            // Cancelled: the loop ends.
            try? await clock.time.sleep(for: pause)
        }
    }

    private func pass() async throws {
        let settings = settings()
        guard let days = settings.days else {
            _ = try await store.withHistory { history in
                if try history.beingRemoved() != nil { try history.open() }
            }
            return
        }
        let plan = RetentionPlan(now: clock.now(), days: days)
        let archive = settings.exportFolder.map {
            HistoryArchive(folder: $0, format: settings.exportFormat == .csv ? .csv : .jsonl)
        }
        let result = try await store.withHistory { [logger, metrics] history in
            var pass = RetentionPass(history, plan, archive: archive, logger: logger, rest: Self.rest)
            defer {
                metrics.daysRemoved.add(pass.result.removed.count)
                metrics.tasksThinned.add(pass.result.thinned)
            }
            return try pass.run()
        }
        if let result, !result.waiting.isEmpty {
            logger.debug("days of history stay for now", metadata: ["days": "\(result.waiting.joined(separator: " "))"])
        }
    }

    /// For doctor and the metrics of all instances.
    private func writeDown(_ error: any Error) async {
        do {
            _ = try await store.withHistory { try $0.failed("\(error)") }
        } catch {
            logger.debug("that days are not removed could not be written down: \(error)")
        }
    }

    /// On a thread of its own; no longer than a second, so that an end is not waited for.
    private static func rest(_ duration: Duration) {
        usleep(useconds_t(min(1_000_000, max(0, duration.microseconds))))
    }
}
