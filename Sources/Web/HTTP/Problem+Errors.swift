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
        case ScheduleError.exists(let name):
            self.init(.conflict, "there is a schedule \(Problem.shortened(name)) already")
        case ScheduleError.unknown(let name):
            self.init(.notFound, "there is no schedule \(Problem.shortened(name))")
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
        case .queueNeeded(let name, let schedule):
            self.init(
                .conflict,
                "the schedule \(Problem.shortened(schedule)) makes tasks for the queue \(Problem.shortened(name)); give it"
                    + " another queue, or delete it, and try again"
            )
        case .unknownDestination(let reference):
            self.init(.notFound, "there is no destination \(Problem.shortened(reference))")
        case .unknownOperation(let id): self.init(.notFound, "there is no operation \(id)")
        case .tooManyOperations(let most):
            self.init(
                .conflict, "\(most) operations on many tasks are running, which is the most; wait for one, or cancel it"
            )
        case .keyTaken(let taken):
            let errors = taken.map { FieldProblem("key", "is that of the live task \($0.holder)") }
            self.init(.conflict, errors: errors)
        case .otherRequest:
            self.init(
                .validation, field: "Idempotency-Key",
                "was used for another request; each request needs a key of its own")
        case .versionChanged(let version):
            self.init(.preconditionFailed, field: "If-Match", "the task has the version \"\(version)\" by now")
        case .requestUnderWay:
            self.init(.conflict, "a request with the same key is under way, or its end is not known yet; send it again")
            retryAfter = 1
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
