import Scheduler

extension Problem {
    /// What an error of the scheduler means to whoever sent the request.
    /// - Returns: nil for an error that no request should lead to.
    init?(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let refusal as ValidationError where !refusal.problems.isEmpty:
            self.init(.validation, errors: refusal.problems)
        case let error as SchedulerError: self.init(error)
        case is CancellationError:
            self.init(.unavailable, "the scheduler is shutting down")
            retryAfter = 1
        default: return nil
        }
    }

    private init(_ error: SchedulerError) {
        switch error {
        case .notFound(let id): self.init(.notFound, "there is no task \(id)")
        case .unknownQueue(let name): self.init(.notFound, "there is no queue \(Problem.shortened(name))")
        case .queueExists(let name): self.init(.conflict, "there is a queue \(Problem.shortened(name)) already")
        case .queueNotEmpty(let name):
            self.init(
                .conflict, "tasks of the queue \(Problem.shortened(name)) wait or run; purge it, or wait, and try again"
            )
        case .unknownDestination(let reference):
            self.init(.notFound, "there is no destination \(Problem.shortened(reference))")
        case .unknownOperation(let id): self.init(.notFound, "there is no operation \(id)")
        case .tooManyOperations(let most):
            self.init(
                .conflict, "\(most) operations on many tasks are running, which is the most; wait for one, or cancel it"
            )
        case .conflict(let state, let reason):
            self.init(.conflict, reason)
            self.state = state
        case .unavailable(let reason, let retryAfter):
            self.init(.unavailable, reason)
            // Whole seconds, rounded up.
            let (seconds, rest) = retryAfter.components
            self.retryAfter = max(1, Int(seconds) + (rest > 0 ? 1 : 0))
        }
    }
}
