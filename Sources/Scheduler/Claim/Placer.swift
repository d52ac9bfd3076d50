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
    private let wheel: Wheel
    private let roomInWheel: Int
    private let rule: Mutex<PlacementRule>
    private let isInDoubt = Atomic(false)

    /// - Parameter roomInWheel: entries above which nothing more is claimed on insert.
    package init(wheel: Wheel, roomInWheel: Int, lookahead: Duration) {
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
        return rule.place(planTime, now: now, hasRoom: wheel.count < roomInWheel)
    }

    /// To be called when nobody knows whether rows that were placed are committed: some may lie in our claims of which
    /// the wheel knows nothing.
    package func doubt() {
        isInDoubt.store(true, ordering: .relaxed)
        claimable.notify()
    }

    /// Whether there was doubt since it was asked last.
    package func takeDoubt() -> Bool {
        isInDoubt.exchange(false, ordering: .relaxed)
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
