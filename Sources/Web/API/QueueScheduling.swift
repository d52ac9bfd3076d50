import MySQL
import Scheduler

/// A scheduler for whom only some queues are there.
struct QueueScheduling: TaskScheduling {
    let scheduler: any TaskScheduling
    let queues: Set<String>

    func accept(_ draft: TaskDraft) async throws -> TaskRecord {
        try check(draft)
        return try await scheduler.accept(draft)
    }

    func submit(_ submission: TaskSubmission) async throws -> RequestAnswer {
        for draft in submission.drafts { try check(draft) }
        return try await scheduler.submit(submission)
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
        filter.queue = try only(filter.queue, field: "queue")
        return try await scheduler.tasks(filter, before: cursor, limit: limit)
    }

    // A task stays in its queue, so what is looked at first holds afterwards.

    func edit(_ id: TaskID, _ patch: TaskPatch, onlyIf versions: Set<Int>?) async throws -> TaskRecord {
        _ = try await task(id)
        for queue in patch.followUps.values.compactMap({ $0?.queue }) { try check(queue) }
        return try await scheduler.edit(id, patch, onlyIf: versions)
    }

    func cancel(_ id: TaskID, onlyIf versions: Set<Int>?) async throws -> TaskRecord {
        _ = try await task(id)
        return try await scheduler.cancel(id, onlyIf: versions)
    }

    func runNow(_ id: TaskID, onlyIf versions: Set<Int>?) async throws -> TaskRecord {
        _ = try await task(id)
        return try await scheduler.runNow(id, onlyIf: versions)
    }

    func retry(_ id: TaskID, onlyIf versions: Set<Int>?) async throws -> TaskRecord {
        _ = try await task(id)
        return try await scheduler.retry(id, onlyIf: versions)
    }

    // MARK: Many tasks

    func deadLetters(
        _ filter: DeadLetterFilter, before cursor: DeadLetterCursor?, limit: Int
    ) async throws -> DeadLetterPage {
        try await scheduler.deadLetters(only(filter, field: "queue"), before: cursor, limit: limit)
    }

    func countDeadLetters(_ filter: DeadLetterFilter) async throws -> Estimate {
        try await scheduler.countDeadLetters(only(filter, field: "filter.queue"))
    }

    func startBulkRetry(_ filter: DeadLetterFilter, perSecond: Int, by name: String) async throws -> BulkOperation {
        try await scheduler.startBulkRetry(only(filter, field: "filter.queue"), perSecond: perSecond, by: name)
    }

    func countTasks(_ action: BulkAction, _ filter: TaskFilter) async throws -> Estimate {
        var filter = filter
        filter.queue = try only(filter.queue, field: "filter.queue")
        return try await scheduler.countTasks(action, filter)
    }

    func startBulk(
        _ action: BulkAction, _ filter: TaskFilter, perSecond: Int, by name: String
    ) async throws -> BulkOperation {
        var filter = filter
        filter.queue = try only(filter.queue, field: "filter.queue")
        return try await scheduler.startBulk(action, filter, perSecond: perSecond, by: name)
    }

    // An operation stays with its filter.

    func bulkOperation(_ id: BulkOperation.ID) async throws -> BulkOperation? {
        guard let operation = try await scheduler.bulkOperation(id), isOwn(operation) else { return nil }
        return operation
    }

    func bulkOperations(before cursor: BulkOperation.ID?, limit: Int) async throws -> [BulkOperation] {
        var found: [BulkOperation] = []
        var cursor = cursor
        while found.count < limit {
            let page = try await scheduler.bulkOperations(before: cursor, limit: Self.page)
            found += page.filter(isOwn)
            guard page.count == Self.page, let last = page.last else { break }
            cursor = last.id
        }
        return Array(found.prefix(limit))
    }

    func cancelBulkOperation(_ id: BulkOperation.ID) async throws -> BulkOperation {
        guard try await bulkOperation(id) != nil else { throw SchedulerError.unknownOperation(id) }
        return try await scheduler.cancelBulkOperation(id)
    }

    private static let page = 500

    private func isOwn(_ operation: BulkOperation) -> Bool { operation.queue.map(queues.contains) ?? false }

    // MARK: What is not about tasks

    // No key for some queues only is let in here (`Endpoint.keepsToQueues`).

    func queues(after name: String, limit: Int) async throws -> [QueueStatus] { throw Self.refusal }
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
    func instances(
        after cursor: InstanceCursor?, limit: Int
    ) async throws -> (now: Timestamp, instances: [InstanceStatus]) { throw Self.refusal }

    private static let refusal = Problem(.forbidden, "this key is for some queues only")

    var unreadiness: String? { scheduler.unreadiness }

    private func only(_ filter: DeadLetterFilter, field: String) throws -> DeadLetterFilter {
        var filter = filter
        filter.queue = try only(filter.queue, field: field)
        return filter
    }

    /// The queue that is asked about, which is the key's own when it is for one only.
    /// - Parameter field: where it is asked for.
    private func only(_ queue: String?, field: String) throws -> String {
        guard let queue = queue ?? (queues.count == 1 ? queues.first : nil) else {
            let names = queues.sorted().joined(separator: ", ")
            throw Problem(.malformed, field: field, "is missing; this key is for \(names)")
        }
        try check(queue)
        return queue
    }

    /// Its follow-ups go to queues of the key too.
    private func check(_ draft: TaskDraft) throws {
        if draft.queue == nil { try check(NewTask.defaultQueue) }
        for queue in draft.queues { try check(queue) }
    }

    private func check(_ queue: String) throws {
        guard queues.contains(queue) else {
            throw Problem(.forbidden, "this key is not for the queue \(Problem.shortened(queue))")
        }
    }
}
