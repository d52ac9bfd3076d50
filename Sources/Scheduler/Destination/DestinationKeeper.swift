package import Logging
import MySQL

/// Tells the other instances which destinations fail, and learns it from them, with their settings.
package struct DestinationKeeper: Sendable {
    package struct Settings: Sendable {
        /// Between two looks when there is nothing to tell.
        package var interval: Duration
        /// A destination that has failed for so long is paused; nil: none is.
        package var pauseAfter: Duration?

        package init(interval: Duration, pauseAfter: Duration?) {
            self.interval = interval
            self.pauseAfter = pauseAfter
        }
    }

    package var exchange: @Sendable ([DestinationReport], Duration?) async throws -> DestinationExchange
    package var board: DestinationBoard
    package var gates: DestinationGates
    package var clock: ClusterClock
    package var settings: @Sendable () -> Settings
    package var logger: Logger

    package init(
        exchange: @escaping @Sendable ([DestinationReport], Duration?) async throws -> DestinationExchange,
        board: DestinationBoard, gates: DestinationGates, clock: ClusterClock,
        settings: @escaping @Sendable () -> Settings, logger: Logger
    ) {
        self.exchange = exchange
        self.board = board
        self.gates = gates
        self.clock = clock
        self.settings = settings
        self.logger = logger
    }

    private static let shortest: Duration = .milliseconds(200)

    package func run() async {
        var backoff = Backoff()
        while !Task.isCancelled {
            let askedAt = clock.time.now()
            let settings = settings()
            var reports = board.takeReports()
            do {
                let found = try await exchange(reports, settings.pauseAfter)
                reports = []
                board.set(found.all)
                let working = gates.learn(openUntil: openings(found.all), askedAt: askedAt)
                board.report(working.map { $0.report(clock) })
                for url in found.paused {
                    logger.warning(
                        "a destination is paused, because it has failed for long; resume it when it works again",
                        metadata: ["destination": "\(url)"])
                }
                backoff.reset()
                // Many that fail are told of together.
                try await clock.time.sleep(for: Self.shortest)
                await board.changed.wait(until: clock.time.now().advanced(by: settings.interval), clock.time)
            } catch {
                board.putBack(reports)
                if Task.isCancelled { break }
                logger.warning("what is known of destinations could not be exchanged: \(error)")
                await backoff.pause(clock.time)
            }
        }
    }

    /// Those that fail, by name.
    private func openings(_ records: [DestinationRecord]) -> [String: ContinuousClock.Instant] {
        records.reduce(into: [:]) { openings, record in
            if record.failingSince != nil, let until = record.openUntil {
                openings[record.url] = clock.instant(of: until)
            }
        }
    }
}
