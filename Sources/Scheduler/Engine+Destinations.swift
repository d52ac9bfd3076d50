import Logging

extension Engine {
    /// Tells people and the other instances of breakers that have opened or closed.
    static func tell(
        _ changes: [DestinationGates.Change], _ board: DestinationBoard, _ clock: ClusterClock, _ logger: Logger
    ) {
        board.report(changes.map { $0.report(clock) })
        for change in changes {
            logger.notice("\(change.notice(clock))", metadata: ["destination": "\(change.name)"])
        }
    }

    var destinationKeeper: DestinationKeeper {
        DestinationKeeper(
            exchange: { [store] in try await store.exchangeDestinations($0, pauseAfter: $1) }, board: board,
            gates: gates, clock: clock,
            settings: { [live] in
                let days = live.breaker.pauseAfterDays
                return .init(interval: live.cluster.heartbeat, pauseAfter: days > 0 ? .seconds(86_400 * days) : nil)
            }, logger: logger)
    }
}
