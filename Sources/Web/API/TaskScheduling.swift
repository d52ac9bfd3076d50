package import MySQL
package import Scheduler

/// What the HTTP API asks of the scheduler; the same methods as `SchedulerService`, with the same errors.
package protocol TaskScheduling: Sendable {
    func accept(_ draft: TaskDraft) async throws -> TaskRecord
    func submit(_ submission: TaskSubmission) async throws -> RequestAnswer
    func accept(_ form: LegacyForm) async throws -> TaskRecord
    func task(_ id: TaskID) async throws -> TaskRecord
    func attempts(of id: TaskID, after: Int, limit: Int) async throws -> [AttemptRecord]
    func tasks(_ filter: TaskFilter, before cursor: TaskID?, limit: Int) async throws -> TaskPage
    func edit(_ id: TaskID, _ patch: TaskPatch, onlyIf versions: Set<Int>?) async throws -> TaskRecord
    func cancel(_ id: TaskID, onlyIf versions: Set<Int>?) async throws -> TaskRecord
    func runNow(_ id: TaskID, onlyIf versions: Set<Int>?) async throws -> TaskRecord
    func retry(_ id: TaskID, onlyIf versions: Set<Int>?) async throws -> TaskRecord
    func queues(after name: String, limit: Int) async throws -> [QueueStatus]
    func queue(_ name: String) async throws -> QueueStatus
    func createQueue(_ name: String, _ patch: QueuePatch) async throws -> QueueStatus
    func changeQueue(_ name: String, _ patch: QueuePatch) async throws -> QueueStatus
    func deleteQueue(_ name: String) async throws
    func pause(queue name: String) async throws -> QueueStatus
    func resume(queue name: String) async throws -> QueueStatus
    func purge(queue name: String, by asker: String) async throws -> BulkOperation
    func sources() async -> [SourceStatus]
    func quarantined(before cursor: TaskID?, limit: Int) async throws -> [QuarantinedMessage]
    func quarantined(_ id: TaskID) async throws -> QuarantinedMessage
    func retryQuarantined(_ id: TaskID) async throws -> TaskRecord
    func deleteQuarantined(_ id: TaskID) async throws
    func instances(
        after cursor: InstanceCursor?, limit: Int
    ) async throws -> (now: Timestamp, instances: [InstanceStatus])
    func deadLetters(
        _ filter: DeadLetterFilter, before cursor: DeadLetterCursor?, limit: Int
    ) async throws -> DeadLetterPage
    func countDeadLetters(_ filter: DeadLetterFilter) async throws -> Estimate
    func startBulkRetry(_ filter: DeadLetterFilter, perSecond: Int, by name: String) async throws -> BulkOperation
    func countTasks(_ action: BulkAction, _ filter: TaskFilter) async throws -> Estimate
    func startBulk(
        _ action: BulkAction, _ filter: TaskFilter, perSecond: Int, by name: String
    ) async throws -> BulkOperation
    func bulkOperation(_ id: BulkOperation.ID) async throws -> BulkOperation?
    func bulkOperations(before cursor: BulkOperation.ID?, limit: Int) async throws -> [BulkOperation]
    func cancelBulkOperation(_ id: BulkOperation.ID) async throws -> BulkOperation
    var unreadiness: String? { get }
}

extension SchedulerService: TaskScheduling {}
