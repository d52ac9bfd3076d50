public import MySQL

/// What is done to many tasks at once.
public enum BulkAction: Sendable, Equatable {
    case cancel
    case retry
    /// Another plan time for all of them.
    case reschedule(Timestamp)

    var kind: BulkOperation.Kind {
        switch self {
        case .cancel: .cancelTasks
        case .retry: .retryTasks
        case .reschedule: .rescheduleTasks
        }
    }
}

extension SchedulerService {
    /// How many tasks an action would be done to now. One that is not exact is the number that was found in a second.
    public func countTasks(_ action: BulkAction, _ filter: TaskFilter) async throws -> Estimate {
        try check(action, filter)
        return try await reaching { try await store.countTasks(action.kind, filter) }
    }

    /// Does something to all tasks there are now that the filter means and that are in a state that allows it, the newest
    /// first, in the background.
    /// - Parameters:
    ///   - perSecond: the most tasks a second, 1 to 1000.
    ///   - name: who asked for it.
    /// - Throws: `ValidationError`, `SchedulerError.tooManyOperations`, `.unavailable`.
    public func startBulk(
        _ action: BulkAction, _ filter: TaskFilter, perSecond: Int, by name: String
    ) async throws -> BulkOperation {
        try check(action, filter)
        guard BulkOperation.rates.contains(perSecond) else {
            throw ValidationError("per_second", "is \(perSecond), accepted is a whole number from 1 to 1000")
        }
        var planTime: Timestamp?
        if case .reschedule(let time) = action { planTime = time }
        return try await reaching {
            let operation = try await store.insertBulk(
                action.kind, filter, planTime: planTime, perSecond: perSecond, by: name)
            guard let operation else { throw SchedulerError.tooManyOperations(most: BulkOperation.mostRunning) }
            bulkOperationAdded.notify()
            return operation
        }
    }

    private func check(_ action: BulkAction, _ filter: TaskFilter) throws {
        guard let state = filter.state else { return }
        let states: [TaskState] = action == .retry ? [.dead, .cancelled] : [.scheduled, .claimed, .retrying]
        guard states.contains(state) else {
            let names = states.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("filter.state", "must be one of \(names) for this action")
        }
    }
}
