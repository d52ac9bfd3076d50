package import Scheduler

/// What the HTTP API asks of the scheduler; the same methods as `SchedulerService`, with the same errors.
package protocol TaskScheduling: Sendable {
    func accept(_ draft: TaskDraft) async throws -> TaskRecord
    func accept(_ form: LegacyForm) async throws -> TaskRecord
    func task(_ id: TaskID) async throws -> TaskRecord
    func attempts(of id: TaskID, after: Int, limit: Int) async throws -> [AttemptRecord]
    func tasks(_ filter: TaskFilter, before cursor: TaskID?, limit: Int) async throws -> TaskPage
    func edit(_ id: TaskID, _ patch: TaskPatch) async throws -> TaskRecord
    func cancel(_ id: TaskID) async throws -> TaskRecord
    func runNow(_ id: TaskID) async throws -> TaskRecord
    func retry(_ id: TaskID) async throws -> TaskRecord
    func queues() async throws -> [QueueStatus]
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
    func destinations(after id: Int, limit: Int) async throws -> [DestinationRecord]
    func destination(_ reference: String) async throws -> DestinationRecord
    func setDestination(
        _ reference: String, _ settings: DestinationRecord.Settings
    ) async throws -> (destination: DestinationRecord, isNew: Bool)
    func pauseDestination(_ reference: String, reason: String) async throws -> DestinationRecord
    func resumeDestination(_ reference: String) async throws -> DestinationRecord
    func deleteDestination(_ reference: String) async throws
    var unreadiness: String? { get }
}

extension SchedulerService: TaskScheduling {}
