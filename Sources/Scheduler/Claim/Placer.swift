package import MySQL
import Synchronization

/// Decides where a live task's row goes: rule 0 of the claim protocol (docs/architecture.md).
package struct PlacementRule: Sendable, Equatable {
    /// The largest lookahead of the live instances: nothing is put into `scheduled` that one of them has passed already.
    package var lookahead: Duration
    /// Who claims what it puts in itself; nil: nobody does here.
    package var incarnation: UInt64?

    package init(lookahead: Duration, incarnation: UInt64?) {
        self.lookahead = lookahead
        self.incarnation = incarnation
    }

    package func place(_ planTime: Timestamp, now: Timestamp, hasRoom: Bool) -> Place {
        if planTime > now + lookahead { return .scheduled }
        if let incarnation, hasRoom { return .claimed(incarnation) }
        return .ready
    }
}

/// The placement rule in force, and the room in this instance's wheel.
package final class Placer: Sendable {
    /// Given when a row went where the claim loop has to look for it.
    package let claimable = Signal()
    private let doubts = Doubts()
    private let wheel: Wheel
    private let roomInWheel: @Sendable () -> Int
    private let rule: Mutex<PlacementRule>

    /// - Parameter roomInWheel: entries above which nothing more is claimed on insert.
    package init(wheel: Wheel, roomInWheel: @escaping @Sendable () -> Int, lookahead: Duration) {
        self.wheel = wheel
        self.roomInWheel = roomInWheel
        rule = Mutex(PlacementRule(lookahead: lookahead, incarnation: nil))
    }

    package func setLookahead(_ lookahead: Duration) {
        rule.withLock { $0.lookahead = lookahead }
    }

    /// nil: what comes in from now on is for others, or for the next incarnation.
    package func setIncarnation(_ incarnation: UInt64?) {
        rule.withLock { $0.incarnation = incarnation }
    }

    package func place(_ planTime: Timestamp, now: Timestamp) -> Place {
        let rule = rule.withLock { $0 }
        return rule.place(planTime, now: now, hasRoom: wheel.count < roomInWheel())
    }

    /// To be called when rows may have been placed and nobody knows: the claim loop looks what is there.
    package func uncertain(at now: ContinuousClock.Instant) {
        doubts.raise(at: now)
        claimable.notify()
    }

    /// Puts into the wheel what `held` finds and the wheel lacks, when that is uncertain.
    package func settle(at now: ContinuousClock.Instant, _ held: () async throws -> [WheelEntry]) async throws {
        guard doubts.isDue(at: now) else { return }
        wheel.insertMissing(try await held())
        doubts.settle(sentAt: now)
    }

    /// To be called after the COMMIT of rows that were placed.
    package func committed(_ placements: [Placement]) {
        wheel.insert(
            placements.compactMap { placement in
                if case .claimed = placement.place { placement.wheelEntry } else { nil }
            })
        if placements.contains(where: { $0.place == .ready }) { claimable.notify() }
    }
}
