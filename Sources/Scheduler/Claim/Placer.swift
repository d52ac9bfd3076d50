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
    /// Queues whose tasks all wait in `scheduled`, and before which plan time a new one is of interest at once.
    package var limited: [Int: Timestamp] = [:]
    /// The last queue that the claim loop has seen. Later ones may be paused or limited.
    package var newestQueue = Int.max

    package init(lookahead: Duration, incarnation: UInt64?) {
        self.lookahead = lookahead
        self.incarnation = incarnation
    }

    package func place(_ planTime: Timestamp, queue: Int, now: Timestamp, hasRoom: Bool) -> Place {
        if planTime > now + lookahead || limited[queue] != nil { return .scheduled }
        if let incarnation, hasRoom, queue <= newestQueue, !paused.contains(queue) { return .claimed(incarnation) }
        return .ready
    }

    /// Where a task goes that its destination lets wait, and until when: it is given a later time rather than the room of
    /// tasks that can be called.
    package func putOff(
        _ time: Timestamp, queue: Int, now: Timestamp, hasRoom: Bool
    ) -> (planTime: Timestamp, place: Place) {
        let place = place(time, queue: queue, now: now, hasRoom: hasRoom)
        if hasRoom || place == .scheduled { return (time, place) }
        return (max(time, now + lookahead + Self.beyond), .scheduled)
    }

    private static let beyond: Duration = .seconds(1)

    /// Queues of which nothing is to wait in `claims`.
    func isWithheld(_ queue: Int) -> Bool { paused.contains(queue) || limited[queue] != nil }
}

/// The placement rule in force, and the room in this instance's wheel.
package final class Placer: Sendable {
    /// Given when a row went where the claim loop has to look for it.
    package let claimable = Signal()
    private let doubts = Doubts()
    private let wheel: Wheel
    private let roomInWheel: @Sendable () -> Int
    private let rule: Mutex<PlacementRule>
    private let holdsWithheld = Atomic(false)
    /// Who claims as soon as it has looked at the queues.
    private let next = Mutex<UInt64?>(nil)
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

    /// Who claims what comes in, once it knows which queues are paused or limited. nil: what comes in from now on is for
    /// others, or for the next incarnation.
    package func setIncarnation(_ incarnation: UInt64?) {
        next.withLock { $0 = incarnation }
        rule.withLock { $0.incarnation = nil }
    }

    /// Whether the incarnation that was set claims already.
    package var claims: Bool { rule.withLock { $0.incarnation != nil } }

    /// Which queues are paused or limited now; what this instance has claimed of those that were not is to be given back.
    /// - Parameters:
    ///   - limited: and before which plan time a new task of the queue is of interest at once.
    ///   - newest: the last queue that is known.
    package func setQueues(paused: Set<Int>, limited: [Int: Timestamp] = [:], newest: Int = .max) {
        let next = next.withLock { $0 }
        let isNew = rule.withLock { rule in
            let isNew = paused.union(limited.keys).contains { !rule.isWithheld($0) }
            rule.paused = paused
            rule.limited = limited
            rule.newestQueue = newest
            rule.incarnation = next
            return isNew
        }
        if isNew { mayHoldWithheld() }
    }

    package func place(_ planTime: Timestamp, queue: Int, now: Timestamp) -> Place {
        let rule = rule.withLock { $0 }
        return rule.place(planTime, queue: queue, now: now, hasRoom: wheel.count < roomInWheel())
    }

    /// Where a task goes that its destination lets wait: half of the room in the wheel is for others.
    /// - Parameter isForOthers: this instance cannot call it.
    package func putOff(
        _ id: TaskID, queue: Int, until time: Timestamp, now: Timestamp, isForOthers: Bool
    ) -> Placement {
        let rule = rule.withLock { $0 }
        let hasRoom = !isForOthers && wheel.count * 2 < roomInWheel()
        let (planTime, place) = rule.putOff(time, queue: queue, now: now, hasRoom: hasRoom)
        return Placement(id: id, queueID: queue, planTime: planTime, place: place)
    }

    /// To be called when this instance may have claims of a queue that is paused or limited.
    package func mayHoldWithheld() {
        holdsWithheld.store(true, ordering: .sequentiallyConsistent)
    }

    /// The queues of which this instance may have claims that are to be given back, once.
    package func takeHeldWithheld() -> Set<Int> {
        guard holdsWithheld.exchange(false, ordering: .sequentiallyConsistent) else { return [] }
        return rule.withLock { $0.paused.union($0.limited.keys) }
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
        mayHoldWithheld()
        doubts.settle(sentAt: now)
    }

    /// To be called after the COMMIT of rows that were placed.
    package func committed(_ placements: [Placement]) {
        let claimed = placements.compactMap { placement in
            if case .claimed = placement.place { placement.wheelEntry } else { nil }
        }
        wheel.insert(claimed)
        metrics.tasksClaimed.add(claimed.count, "placed")
        let rule = rule.withLock { $0 }
        let isOfInterest = placements.contains { placement in
            switch placement.place {
            case .ready: !rule.paused.contains(placement.queueID)
            case .scheduled: rule.limited[placement.queueID].map { placement.planTime < $0 } ?? false
            case .claimed: false
            }
        }
        if isOfInterest { claimable.notify() }
        // Decided on before the queue was paused or limited, and committed after.
        if placements.contains(where: { $0.place.incarnation != nil && rule.isWithheld($0.queueID) }) {
            mayHoldWithheld()
            claimable.notify()
        }
    }
}
