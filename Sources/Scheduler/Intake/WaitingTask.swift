import Synchronization

/// A task that its producer waits for.
struct WaitingTask: Sendable {
    let id: TaskID
    let task: NewTask
    /// When the producer gets an answer in any case.
    let deadline: ContinuousClock.Instant
    let reply: Reply

    var bytes: Int { task.request.url.utf8.count + (task.request.body?.count ?? 0) }

    /// Answers once; what comes later is dropped.
    final class Reply: Sendable {
        private let continuation: Mutex<CheckedContinuation<Acceptance, any Error>?>

        init(_ continuation: CheckedContinuation<Acceptance, any Error>) {
            self.continuation = Mutex(continuation)
        }

        var isGiven: Bool { continuation.withLock { $0 == nil } }

        func give(_ result: Result<Acceptance, any Error>) {
            let waiter = continuation.withLock { continuation in
                defer { continuation = nil }
                return continuation
            }
            waiter?.resume(with: result)
        }
    }
}

/// Tasks that are written together.
final class IntakeBatch: Sendable {
    private struct State {
        var tasks: [WaitingTask]
        var mayBeStored = false
    }

    private let state: Mutex<State>

    init(_ tasks: [WaitingTask]) {
        state = Mutex(State(tasks: tasks))
    }

    /// Whether an INSERT is under way, or ended without telling.
    var mayBeStored: Bool {
        get { state.withLock { $0.mayBeStored } }
        set { state.withLock { $0.mayBeStored = newValue } }
    }

    /// Those without an answer.
    var waiting: [WaitingTask] { state.withLock { $0.tasks.filter { !$0.reply.isGiven } } }

    var deadline: ContinuousClock.Instant? { state.withLock { $0.tasks.lazy.map(\.deadline).min() } }
}
