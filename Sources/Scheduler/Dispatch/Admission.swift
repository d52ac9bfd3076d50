import MySQL
import Synchronization

/// Lets tasks of one batch through to their destinations, within the transaction that starts them. What was let through
/// is to be taken by `passes`, or given back by `release`, when the transaction has ended.
package final class Admission: Sendable {
    private let gates: DestinationGates
    private let directory: DestinationDirectory
    private let clock: ClusterClock
    private let mayHold: Bool
    private let place: @Sendable (Timestamp, Int, Timestamp) -> Place
    private let state = Mutex(State())

    private struct State {
        var passes: [TaskID: Pass] = [:]
        var reasons: [DestinationGate.Reason: Int] = [:]
    }

    /// Tasks that are put off come back at times that many share: so they are written by few statements.
    private static let step: Int64 = 100_000
    /// Those of a rate come back at the times at which they may be called.
    private static let stepOfRate: Int64 = 10_000
    private static let moment: Duration = .seconds(1)

    init(
        gates: DestinationGates, directory: DestinationDirectory, clock: ClusterClock, mayHold: Bool,
        place: @escaping @Sendable (Timestamp, Int, Timestamp) -> Place
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
        let decisions = gates.admit(directory.entries(of: tasks.map(\.request.url)))
        let (now, later) = (clock.now(), clock.time.now().advanced(by: Self.moment))
        var admitted = Admitted()
        var new = State()
        for (task, (decision, pass)) in zip(tasks, decisions) {
            switch decision == .hold && !mayHold ? .putOff(until: later, .full) : decision {
            case .start:
                new.passes[task.id] = pass
                admitted.started.append(task)
            case .hold: admitted.held.insert(task.id)
            case .putOff(let instant, let reason):
                let time = clock.time(at: instant)
                let step = reason == .limited ? Self.stepOfRate : Self.step
                let planTime = Timestamp(microseconds: (time.microseconds / step + 1) * step)
                new.reasons[reason, default: 0] += 1
                admitted.putOff.append(
                    Placement(
                        id: task.id, queueID: task.queueID, planTime: planTime,
                        place: place(planTime, task.queueID, now)))
            }
        }
        state.withLock { $0 = new }
        return admitted
    }

    /// The passes of tasks whose start is committed, in their order; those of the others are given back.
    func passes(of tasks: [StartedTask]) -> [Pass] {
        var taken = state.withLock { state in
            defer { state.passes = [:] }
            return state.passes
        }
        let passes = tasks.compactMap { taken.removeValue(forKey: $0.id) }
        precondition(passes.count == tasks.count, "a task was started that was not let through")
        gates.withdraw(Array(taken.values))
        return passes
    }

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
        gates.withdraw(Array(passes.values))
    }
}
