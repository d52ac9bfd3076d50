import Scheduler

/// A scheduler for whom only some queues are there.
struct QueueScheduling: TaskScheduling {
    let scheduler: any TaskScheduling
    let queues: Set<String>

    func accept(_ draft: TaskDraft) async throws -> TaskRecord {
        try check(draft.queue ?? NewTask.defaultQueue)
        return try await scheduler.accept(draft)
    }

    func accept(_ form: LegacyForm) async throws -> TaskRecord {
        try check(NewTask.defaultQueue)
        return try await scheduler.accept(form)
    }

    func task(_ id: TaskID) async throws -> TaskRecord {
        let task = try await scheduler.task(id)
        // As if it were not there.
        guard queues.contains(task.task.queue) else { throw SchedulerError.notFound(id) }
        return task
    }

    func attempts(of id: TaskID, after: Int, limit: Int) async throws -> [AttemptRecord] {
        _ = try await task(id)
        return try await scheduler.attempts(of: id, after: after, limit: limit)
    }

    func tasks(_ filter: TaskFilter, before cursor: TaskID?, limit: Int) async throws -> TaskPage {
        var filter = filter
        if filter.queue == nil, queues.count == 1 { filter.queue = queues.first }
        guard let queue = filter.queue else {
            throw Problem(
                .malformed, field: "queue", "is missing; this key is for \(queues.sorted().joined(separator: ", "))")
        }
        try check(queue)
        return try await scheduler.tasks(filter, before: cursor, limit: limit)
    }

    // A task stays in its queue, so what is looked at first holds afterwards.

    func edit(_ id: TaskID, _ patch: TaskPatch) async throws -> TaskRecord {
        _ = try await task(id)
        return try await scheduler.edit(id, patch)
    }

    func cancel(_ id: TaskID) async throws -> TaskRecord {
        _ = try await task(id)
        return try await scheduler.cancel(id)
    }

    func runNow(_ id: TaskID) async throws -> TaskRecord {
        _ = try await task(id)
        return try await scheduler.runNow(id)
    }

    func retry(_ id: TaskID) async throws -> TaskRecord {
        _ = try await task(id)
        return try await scheduler.retry(id)
    }

    // No key for some queues only is let in here (`Endpoint.keepsToQueues`).

    func queues() async throws -> [QueueStatus] { throw Self.refusal }
    func queue(_ name: String) async throws -> QueueStatus { throw Self.refusal }
    func createQueue(_ name: String, _ patch: QueuePatch) async throws -> QueueStatus { throw Self.refusal }
    func changeQueue(_ name: String, _ patch: QueuePatch) async throws -> QueueStatus { throw Self.refusal }
    func deleteQueue(_ name: String) async throws { throw Self.refusal }
    func pause(queue name: String) async throws -> QueueStatus { throw Self.refusal }
    func resume(queue name: String) async throws -> QueueStatus { throw Self.refusal }
    func purge(queue name: String, by asker: String) async throws -> BulkOperation { throw Self.refusal }
    func sources() async -> [SourceStatus] { [] }
    func quarantined(before cursor: TaskID?, limit: Int) async throws -> [QuarantinedMessage] { throw Self.refusal }
    func quarantined(_ id: TaskID) async throws -> QuarantinedMessage { throw Self.refusal }
    func retryQuarantined(_ id: TaskID) async throws -> TaskRecord { throw Self.refusal }
    func deleteQuarantined(_ id: TaskID) async throws { throw Self.refusal }

    private static let refusal = Problem(.forbidden, "this key is for some queues only")

    var unreadiness: String? { scheduler.unreadiness }

    private func check(_ queue: String) throws {
        guard queues.contains(queue) else {
            throw Problem(.forbidden, "this key is not for the queue \(Problem.shortened(queue))")
        }
    }
}
