package import MySQL
import Synchronization

/// Where the row of a task of a queue goes that is put off to a time, and to which.
package typealias PutOffPlace =
    @Sendable (
        _ id: TaskID, _ queue: Int, _ time: Timestamp, _ now: Timestamp, _ isForOthers: Bool
    ) -> Placement

/// Lets tasks of one batch through to their destinations, within the transaction that starts them. What was let through
/// is to be taken by `passes`, or given back by `release`, when the transaction has ended.
package final class Admission: Sendable {
    private let gates: DestinationGates
    private let directory: DestinationDirectory
    private let clock: ClusterClock
    private let mayHold: Bool
    private let place: PutOffPlace
    private let state = Mutex(State())

    private struct State {
        /// Of those that were let through, in their order.
        var passes: [(id: TaskID, pass: Pass)] = []
        var reasons: [DestinationGate.Reason: Int] = [:]
        /// Those that are started only to be ended: nobody is called for them.
        var expired: Set<TaskID> = []
    }

    /// Tasks that are put off come back at times that many share: so they are written by few statements.
    private static let step: Int64 = 100_000
    /// Those of a rate come back at the times at which they may be called.
    private static let stepOfRate: Int64 = 10_000
    private static let moment: Duration = .seconds(1)

    init(
        gates: DestinationGates, directory: DestinationDirectory, clock: ClusterClock, mayHold: Bool,
        place: @escaping PutOffPlace
    ) {
        self.gates = gates
        self.directory = directory
        self.clock = clock
        self.mayHold = mayHold
        self.place = place
    }

    package func decide(_ tasks: [StartedTask]) -> Admitted {
        // Asked before, by a transaction that was rolled back.
        release()
        let decisions = gates.admit(
            directory.entries(of: tasks.map(\.request.url)), at: tasks.map { clock.instant(of: $0.planTime) })
        let (now, later) = (clock.now(), clock.time.now().advanced(by: Self.moment))
        var admitted = Admitted()
        var new = State()
        new.passes.reserveCapacity(tasks.count)
        admitted.started.reserveCapacity(tasks.count)
        let instant = clock.time.now()
        for (task, (decision, pass)) in zip(tasks, decisions) {
            if task.isExpired(at: instant, clock) {
                gates.withdraw(pass.map { [$0] } ?? [])
                new.expired.insert(task.id)
                admitted.started.append(task)
                continue
            }
            switch decision == .hold && !mayHold ? .putOff(until: later, .full) : decision {
            case .start:
                if let pass { new.passes.append((task.id, pass)) }
                admitted.started.append(task)
            case .hold: admitted.held.insert(task.id)
            case .putOff(let instant, let reason):
                let time = clock.time(at: instant)
                let step = reason == .limited ? Self.stepOfRate : Self.step
                // Later than it was in any case, or it would not have moved.
                // And no later than when its time is over, which is then noticed.
                let wanted = max(task.planTime, min(time, task.expiresAt ?? time))
                let planTime = Timestamp(microseconds: (wanted.microseconds / step + 1) * step)
                new.reasons[reason, default: 0] += 1
                admitted.putOff.append(place(task.id, task.queueID, planTime, now, reason == .elsewhere))
            }
        }
        state.withLock { $0 = new }
        return admitted
    }

    /// The passes of tasks whose start is committed, in their order; those of the others are given back.
    func passes(of tasks: [StartedTask]) -> [Pass] {
        let taken = state.withLock { state in
            defer { state.passes = [] }
            return state.passes
        }
        if taken.count == tasks.count, zip(taken, tasks).allSatisfy({ $0.id == $1.id }) { return taken.map(\.pass) }
        var left = Dictionary(uniqueKeysWithValues: taken)
        let passes = tasks.compactMap { left.removeValue(forKey: $0.id) }
        precondition(passes.count == tasks.count, "a task was started that was not let through")
        gates.withdraw(Array(left.values))
        return passes
    }

    /// Those whose time was over: they were let through without a pass.
    var expired: Set<TaskID> { state.withLock { $0.expired } }

    /// How many were put off and why, once.
    func takeReasons() -> [DestinationGate.Reason: Int] {
        state.withLock { state in
            defer { state.reasons = [:] }
            return state.reasons
        }
    }

    /// Nothing of it was committed.
    package func release() {
        let passes = state.withLock { state in
            defer { state = State() }
            return state.passes
        }
        gates.withdraw(passes.map(\.pass))
    }
}

extension StartedTask {
    /// Whether its time may be over.
    func isExpired(at now: ContinuousClock.Instant, _ clock: ClusterClock) -> Bool {
        expiresAt.map { now >= clock.instant(before: $0) } ?? false
    }
}
