package import MySQL
import Synchronization

/// Decides where a live task's row goes: rule 0 of the claim protocol (docs/architecture.md).
package struct PlacementRule: Sendable, Equatable {
    /// The largest lookahead of the live instances: nothing is put into `scheduled` that one of them has passed already.
    package var lookahead: Duration
    /// Who claims what it puts in itself; nil: nobody does here.
    package var incarnation: UInt64?
    /// Queues that nobody is to claim from, as the claim loop last saw them.
    package var paused: Set<Int> = []

    package init(lookahead: Duration, incarnation: UInt64?) {
        self.lookahead = lookahead
        self.incarnation = incarnation
    }

    package func place(_ planTime: Timestamp, queue: Int, now: Timestamp, hasRoom: Bool) -> Place {
        if planTime > now + lookahead { return .scheduled }
        if let incarnation, hasRoom, !paused.contains(queue) { return .claimed(incarnation) }
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
    private let holdsPaused = Atomic(false)
    private let metrics: EngineMetrics

    /// - Parameter roomInWheel: entries above which nothing more is claimed on insert.
    package init(
        wheel: Wheel, roomInWheel: @escaping @Sendable () -> Int, lookahead: Duration,
        metrics: EngineMetrics = EngineMetrics()
    ) {
        self.metrics = metrics
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

    /// Which queues are paused now; what this instance has claimed of those that were not is to be given back.
    package func setPaused(_ queues: Set<Int>) {
        let before = rule.withLock { rule in
            defer { rule.paused = queues }
            return rule.paused
        }
        if !queues.isSubset(of: before) { mayHoldPaused() }
    }

    package func place(_ planTime: Timestamp, queue: Int, now: Timestamp) -> Place {
        let rule = rule.withLock { $0 }
        return rule.place(planTime, queue: queue, now: now, hasRoom: wheel.count < roomInWheel())
    }

    /// To be called when this instance may have claims of a queue that is paused.
    package func mayHoldPaused() {
        holdsPaused.store(true, ordering: .sequentiallyConsistent)
    }

    /// The queues of which this instance may have claims that are to be given back, once.
    package func takeHeldPaused() -> Set<Int> {
        holdsPaused.exchange(false, ordering: .sequentiallyConsistent) ? rule.withLock { $0.paused } : []
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
        mayHoldPaused()
        doubts.settle(sentAt: now)
    }

    /// To be called after the COMMIT of rows that were placed.
    package func committed(_ placements: [Placement]) {
        let claimed = placements.compactMap { placement in
            if case .claimed = placement.place { placement.wheelEntry } else { nil }
        }
        wheel.insert(claimed)
        metrics.tasksClaimed.add(claimed.count, "placed")
        let paused = rule.withLock { $0.paused }
        if placements.contains(where: { $0.place == .ready && !paused.contains($0.queueID) }) { claimable.notify() }
        // Decided on before the queue was paused, and committed after.
        if !paused.isEmpty, placements.contains(where: { $0.place.incarnation != nil && paused.contains($0.queueID) }) {
            mayHoldPaused()
            claimable.notify()
        }
    }
}
