import MySQL
import Synchronization

@testable import Scheduler
@testable import Web

/// Keeps tasks in memory, and refuses what a test tells it to refuse.
final class FakeScheduler: TaskScheduling {
    struct State {
        var tasks: [TaskRecord] = []
        var attempts: [AttemptRecord] = []
        var drafts: [TaskDraft] = []
        var patches: [TaskPatch] = []
        var forms: [LegacyForm] = []
        var quarantine: [QuarantinedMessage] = []
        var queues: [QueueStatus] = []
        var queuePatches: [QueuePatch] = []
        var failure: (any Error)?
        var unreadiness: String?
        var filter: TaskFilter?
        var cursor: TaskID?
        var limit: Int?
    }

    let state = Mutex(State())

    static let now = Timestamp(microseconds: 1_795_168_800_250_000)
    static let id = TaskID("0198a3f2-7c1e-7abc-9def-0123456789ab")!

    static func record(
        _ id: TaskID = FakeScheduler.id, body: [UInt8]? = nil, headers: [HeaderField] = [],
        state: TaskState = .scheduled
    ) -> TaskRecord {
        TaskRecord(
            id: id,
            task: NewTask(
                queue: "default", planTime: now,
                request: CallbackRequest(method: "POST", url: "http://a.test/x", headers: headers, body: body),
                successRule: .status2xx,
                retrySchedule: RetrySchedule(maxRetries: 2, delays: [.seconds(5), .milliseconds(1500)]),
                timeout: .seconds(15)),
            state: state, attempt: 0, nextAttemptAt: now, createdAt: now, finishedAt: nil, version: 1, requestVersion: 1
        )
    }

    private func accepted() throws -> TaskRecord {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            let record = Self.record()
            state.tasks.append(record)
            return record
        }
    }

    func accept(_ draft: TaskDraft) async throws -> TaskRecord {
        state.withLock { $0.drafts.append(draft) }
        return try accepted()
    }

    func accept(_ form: LegacyForm) async throws -> TaskRecord {
        state.withLock { $0.forms.append(form) }
        _ = try LegacyRules(Configuration()).check(form, now: Self.now)
        return try accepted()
    }

    func task(_ id: TaskID) async throws -> TaskRecord {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            guard let task = state.tasks.first(where: { $0.id == id }) else { throw SchedulerError.notFound(id) }
            return task
        }
    }

    func attempts(of id: TaskID, after: Int, limit: Int) async throws -> [AttemptRecord] {
        state.withLock { Array($0.attempts.filter { $0.attempt > after }.prefix(limit)) }
    }

    func tasks(_ filter: TaskFilter, before cursor: TaskID?, limit: Int) async throws -> TaskPage {
        state.withLock { state in
            state.filter = filter
            state.cursor = cursor
            state.limit = limit
            return TaskPage(tasks: state.tasks, next: state.tasks.last?.id)
        }
    }

    func edit(_ id: TaskID, _ patch: TaskPatch) async throws -> TaskRecord {
        state.withLock { $0.patches.append(patch) }
        return try await task(id)
    }

    func cancel(_ id: TaskID) async throws -> TaskRecord { try await task(id) }
    func runNow(_ id: TaskID) async throws -> TaskRecord { try await task(id) }
    func retry(_ id: TaskID) async throws -> TaskRecord { try await task(id) }
    static func queue(_ name: String, _ settings: QueueSettings = QueueSettings()) -> QueueStatus {
        QueueStatus(
            name: name, createdAt: now, settings: settings, pausedAt: nil, waiting: Estimate(3), overdue: Estimate(1),
            claimed: 1, running: 2, dead: Estimate(10_000, isExact: false), nextDue: now)
    }

    func queues() async throws -> [QueueStatus] { state.withLock { $0.queues } }

    func queue(_ name: String) async throws -> QueueStatus {
        guard let queue = state.withLock({ $0.queues.first { $0.name == name } }) else {
            throw SchedulerError.unknownQueue(name)
        }
        return queue
    }

    func createQueue(_ name: String, _ patch: QueuePatch) async throws -> QueueStatus {
        try QueueRules.check(name: name)
        let settings = try QueueRules(Configuration()).check(patch, of: QueueSettings())
        return try state.withLock { state in
            if state.queues.contains(where: { $0.name == name }) { throw SchedulerError.queueExists(name) }
            state.queues.append(Self.queue(name, settings))
            return state.queues.last!
        }
    }

    func changeQueue(_ name: String, _ patch: QueuePatch) async throws -> QueueStatus {
        state.withLock { $0.queuePatches.append(patch) }
        var queue = try await queue(name)
        queue.settings = try QueueRules(Configuration()).check(patch, of: queue.settings)
        return queue
    }

    func deleteQueue(_ name: String) async throws {
        _ = try await queue(name)
        if name == "full" { throw SchedulerError.queueNotEmpty(name) }
        state.withLock { $0.queues.removeAll { $0.name == name } }
    }

    func pause(queue name: String) async throws -> QueueStatus {
        var queue = try await queue(name)
        queue.pausedAt = Self.now
        return queue
    }

    func resume(queue name: String) async throws -> QueueStatus { try await queue(name) }

    func purge(queue name: String, by asker: String) async throws -> BulkOperation {
        _ = try await queue(name)
        return BulkOperation(
            id: 7, kind: .purge, filter: DeadLetterFilter(), perSecond: 100, requestedBy: asker,
            state: name == "full" ? .running : .done, problem: nil, total: Estimate(3), done: 3, skipped: 0, failed: 0,
            createdAt: Self.now, updatedAt: Self.now, finishedAt: name == "full" ? nil : Self.now, reached: nil)
    }

    func sources() async -> [SourceStatus] {
        [
            SourceStatus(
                key: "delay_queue_task", kind: "list", depth: 3, moved: 7, lag: .milliseconds(1500), problem: nil),
            SourceStatus(key: "jobs", kind: "sorted_set", depth: nil, moved: 0, lag: nil, problem: "away"),
        ]
    }

    func quarantined(before cursor: TaskID?, limit: Int) async throws -> [QuarantinedMessage] {
        state.withLock { state in
            (state.cursor, state.limit) = (cursor, limit)
            return Array(state.quarantine.prefix(limit))
        }
    }

    func quarantined(_ id: TaskID) async throws -> QuarantinedMessage {
        guard let message = state.withLock({ $0.quarantine.first { $0.id == id } }) else {
            throw SchedulerError.notFound(id)
        }
        return message
    }

    func retryQuarantined(_ id: TaskID) async throws -> TaskRecord {
        _ = try await quarantined(id)
        return Self.record(id)
    }

    func deleteQuarantined(_ id: TaskID) async throws {
        _ = try await quarantined(id)
        state.withLock { $0.quarantine.removeAll { $0.id == id } }
    }

    func destinations(after id: Int, limit: Int) async throws -> [DestinationRecord] {
        [DestinationRecord.sample].filter { $0.id > id }
    }

    func destination(_ reference: String) async throws -> DestinationRecord {
        guard ["7", DestinationRecord.sample.url].contains(reference) else {
            throw SchedulerError.unknownDestination(reference)
        }
        return .sample
    }

    func setDestination(
        _ reference: String, _ settings: DestinationRecord.Settings
    ) async throws -> (destination: DestinationRecord, isNew: Bool) {
        try settings.check()
        var destination = DestinationRecord.sample
        destination.settings = settings
        return (destination, reference != "7")
    }

    func pauseDestination(_ reference: String, reason: String) async throws -> DestinationRecord {
        var destination = try await destination(reference)
        (destination.pausedAt, destination.pauseReason) = (Self.now, reason)
        return destination
    }

    func resumeDestination(_ reference: String) async throws -> DestinationRecord { try await destination(reference) }
    func deleteDestination(_ reference: String) async throws { _ = try await destination(reference) }

    var unreadiness: String? { state.withLock { $0.unreadiness } }
}

extension DestinationRecord {
    static let sample: DestinationRecord = {
        var settings = Settings()
        (settings.rate, settings.notes) = (2.5, "contract of May")
        return DestinationRecord(
            id: 7, url: "https://shop.example/hooks", settings: settings, pausedAt: nil, pauseReason: nil,
            openUntil: FakeScheduler.now, failingSince: FakeScheduler.now, createdAt: FakeScheduler.now,
            updatedAt: FakeScheduler.now)
    }()
}
