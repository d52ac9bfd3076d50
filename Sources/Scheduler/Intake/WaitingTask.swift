import Synchronization

/// A task that its producer waits for, or several that he asked for at once.
struct WaitingTask: Sendable {
    let id: TaskID
    let task: NewTask
    /// When the producer gets an answer in any case.
    let deadline: ContinuousClock.Instant
    let reply: Reply
    /// The other tasks of a group.
    var rest: [(id: TaskID, task: NewTask)] = []
    /// nil: one task that asks for nothing more.
    var terms: GroupTerms?

    var count: Int { 1 + rest.count }
    var all: [(id: TaskID, task: NewTask)] { [(id, task)] + rest }
    /// Whether it has to be known which keys are taken.
    var needsKeys: Bool { terms.map { $0.requestKey != nil || all.contains { $0.task.key != nil } } ?? false }

    var bytes: Int { rest.reduce(task.bytes) { $0 + $1.task.bytes } }

    /// Answers once; what comes later is dropped.
    final class Reply: Sendable {
        private let continuation: Mutex<CheckedContinuation<Acceptance, any Error>?>

        init(_ continuation: CheckedContinuation<Acceptance, any Error>?) {
            self.continuation = Mutex(continuation)
        }

        func give(_ result: Result<Acceptance, any Error>) {
            let waiter = continuation.withLock { continuation in
                defer { continuation = nil }
                return continuation
            }
            waiter?.resume(with: result)
        }
    }
}

extension NewTask {
    fileprivate var bytes: Int {
        request.url.utf8.count + (request.body?.count ?? 0) + followUps.values.reduce(0) { $0 + $1.bytes }
    }
}

/// Tasks that are written together, and what is known of them. One that is given up is in no INSERT that begins later.
final class IntakeBatch: Sendable {
    struct GivenUp {
        var tasks: [WaitingTask]
        /// An INSERT with them is under way, or ended without telling.
        var mayBeStored: Bool
    }

    private struct State {
        var tasks: [WaitingTask]
        var isInserting = false
        var isUnknown = false
    }

    private let state: Mutex<State>

    init(_ tasks: [WaitingTask]) {
        state = Mutex(State(tasks: tasks))
    }

    /// Those that are not given up.
    var tasks: [WaitingTask] { state.withLock { $0.tasks } }

    var deadline: ContinuousClock.Instant? { tasks.lazy.map(\.deadline).min() }

    /// What an INSERT takes along that begins now.
    func begin() -> [WaitingTask] {
        state.withLock { state in
            state.isInserting = true
            return state.tasks
        }
    }

    /// The INSERT failed. - Parameter isUnknown: nobody knows whether it took effect.
    func failed(isUnknown: Bool) {
        state.withLock { state in
            state.isInserting = false
            if isUnknown { state.isUnknown = true }
        }
    }

    /// Takes out those that have waited until `now`.
    func giveUp(at now: ContinuousClock.Instant) -> GivenUp {
        giveUp { $0.deadline <= now }
    }

    func giveUpAll() -> GivenUp {
        giveUp { _ in true }
    }

    private func giveUp(_ isGivenUp: (WaitingTask) -> Bool) -> GivenUp {
        state.withLock { state in
            let late = state.tasks.filter(isGivenUp)
            state.tasks.removeAll(where: isGivenUp)
            return GivenUp(tasks: late, mayBeStored: state.isInserting || state.isUnknown)
        }
    }
}
