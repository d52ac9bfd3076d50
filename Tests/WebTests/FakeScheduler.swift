import MySQL
import Synchronization

@testable import Scheduler
@testable import Web

/// Keeps tasks in memory, and refuses what a test tells it to refuse.
final class FakeScheduler: TaskScheduling, ScheduleKeeping, DestinationKeeping {
    struct State {
        var tasks: [TaskRecord] = []
        var attempts: [AttemptRecord] = []
        var drafts: [TaskDraft] = []
        var patches: [TaskPatch] = []
        var submissions: [TaskSubmission] = []
        var forms: [LegacyForm] = []
        var quarantine: [QuarantinedMessage] = []
        var queues: [QueueStatus] = []
        var instances: [InstanceStatus] = []
        var queuePatches: [QueuePatch] = []
        var schedules: [Schedule] = []
        var failure: (any Error)?
        var isRepeated = false
        var versions: Set<Int>?
        /// How many pages a list has; nil: no end.
        var pages: Int?
        var actions: [BulkAction] = []
        var letterFilter: DeadLetterFilter?
        var perSecond: Int?
        /// Of operations, by number.
        var operationQueues: [BulkOperation.ID: String] = [:]
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

    func submit(_ submission: TaskSubmission) async throws -> RequestAnswer {
        state.withLock { state in
            state.drafts += submission.drafts
            state.submissions.append(submission)
        }
        let record = try accepted()
        var answer = submission.answer(submission.drafts.map { _ in .made(record) })
        answer.isRepeated = state.withLock { $0.isRepeated }
        return answer
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
            state.pages = state.pages.map { $0 - 1 }
            return TaskPage(tasks: state.tasks, next: state.pages == 0 ? nil : state.tasks.last?.id)
        }
    }

    func edit(_ id: TaskID, _ patch: TaskPatch, onlyIf versions: Set<Int>?) async throws -> TaskRecord {
        state.withLock { state in
            state.patches.append(patch)
            state.versions = versions
        }
        return try await task(id)
    }

    func cancel(_ id: TaskID, onlyIf versions: Set<Int>?) async throws -> TaskRecord {
        state.withLock { $0.versions = versions }
        return try await task(id)
    }

    func runNow(_ id: TaskID, onlyIf versions: Set<Int>?) async throws -> TaskRecord {
        state.withLock { $0.versions = versions }
        return try await task(id)
    }

    func retry(_ id: TaskID, onlyIf versions: Set<Int>?) async throws -> TaskRecord {
        state.withLock { $0.versions = versions }
        return try await task(id)
    }

    static func queue(_ name: String, _ settings: QueueSettings = QueueSettings()) -> QueueStatus {
        QueueStatus(
            name: name, createdAt: now, settings: settings, pausedAt: nil, waiting: Estimate(3), overdue: Estimate(1),
            claimed: 1, running: 2, dead: Estimate(10_000, isExact: false), nextDue: now)
    }

    func queues(after name: String, limit: Int) async throws -> [QueueStatus] {
        Array(state.withLock { $0.queues }.filter { $0.name > name }.prefix(limit))
    }

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

    func instances(
        after cursor: InstanceCursor?, limit: Int
    ) async throws -> (now: Timestamp, instances: [InstanceStatus]) {
        let all = state.withLock { $0.instances }
        let first = cursor.flatMap { cursor in all.firstIndex { InstanceCursor(after: $0) == cursor } }.map { $0 + 1 }
        return (Self.now, Array(all[(first ?? 0)...].prefix(limit)))
    }

    static func instance(_ incarnation: UInt64, endedAt: Timestamp? = nil) -> InstanceStatus {
        InstanceStatus(
            incarnation: incarnation, name: "i\(incarnation)", version: "1", startedAt: now, heartbeatAt: now,
            leaseUntil: now + .seconds(10), endedAt: endedAt, claimed: 0, running: 0, isOwn: false)
    }

    func deadLetters(
        _ filter: DeadLetterFilter, before cursor: DeadLetterCursor?, limit: Int
    ) async throws -> DeadLetterPage {
        state.withLock { $0.letterFilter = filter }
        try filter.check()
        return DeadLetterPage(
            letters: [
                DeadLetterSummary(
                    id: Self.id, queue: "default", diedAt: Self.now, reason: "no more", method: "GET",
                    url: "http://a.test/", attempts: 3, planTime: Self.now, labels: ["a": "b"])
            ], next: DeadLetterCursor(diedAt: Self.now, id: Self.id))
    }

    func countDeadLetters(_ filter: DeadLetterFilter) async throws -> Estimate {
        try filter.check()
        return Estimate(7)
    }

    private func operation(
        _ kind: BulkOperation.Kind, _ id: BulkOperation.ID = 3, by name: String = "api"
    ) throws -> BulkOperation {
        try state.withLock { if let failure = $0.failure { throw failure } }
        var operation = BulkOperation(
            id: id, kind: kind, perSecond: 10, requestedBy: name, state: .running, total: Estimate(7), done: 1,
            skipped: 2, failed: 0, createdAt: Self.now, updatedAt: Self.now)
        operation.filter.queue = state.withLock { $0.operationQueues[id] }
        operation.tasks.queue = operation.filter.queue
        return operation
    }

    func startBulkRetry(_ filter: DeadLetterFilter, perSecond: Int, by name: String) async throws -> BulkOperation {
        state.withLock { state in
            (state.letterFilter, state.perSecond) = (filter, perSecond)
        }
        try filter.check()
        return try operation(.retry, by: name)
    }

    func countTasks(_ action: BulkAction, _ filter: TaskFilter) async throws -> Estimate {
        state.withLock { $0.filter = filter }
        return Estimate(9, isExact: false)
    }

    func startBulk(
        _ action: BulkAction, _ filter: TaskFilter, perSecond: Int, by name: String
    ) async throws -> BulkOperation {
        state.withLock { state in
            state.actions.append(action)
            (state.filter, state.perSecond) = (filter, perSecond)
        }
        return try operation(action == .cancel ? .cancelTasks : .rescheduleTasks, by: name)
    }

    func bulkOperation(_ id: BulkOperation.ID) async throws -> BulkOperation? {
        id == 3 ? try operation(.retry) : nil
    }

    func bulkOperations(before cursor: BulkOperation.ID?, limit: Int) async throws -> [BulkOperation] {
        try (1..<(cursor ?? 6)).reversed().prefix(limit).map { try operation(.cancelTasks, $0) }
    }

    func cancelBulkOperation(_ id: BulkOperation.ID) async throws -> BulkOperation {
        guard id == 3 else { throw SchedulerError.unknownOperation(id) }
        return try operation(.retry)
    }

    // MARK: Schedules

    func add(_ draft: ScheduleDraft, isPaused: Bool) async throws -> Schedule {
        let new = try ScheduleRules(Configuration()).check(draft, now: Self.now)
        return try state.withLock { state in
            if state.schedules.contains(where: { $0.schedule.name == new.name }) {
                throw ScheduleError.exists(new.name)
            }
            state.schedules.append(
                Schedule(
                    id: 1, schedule: new, nextAt: isPaused ? nil : new.next(after: Self.now),
                    pausedAt: isPaused ? Self.now : nil, lastRunAt: nil, lastTask: nil, runs: 0, skipped: 0, version: 1,
                    createdAt: Self.now, updatedAt: Self.now))
            return state.schedules[state.schedules.count - 1]
        }
    }

    func replace(_ draft: ScheduleDraft) async throws -> Schedule {
        let new = try ScheduleRules(Configuration()).check(draft, now: Self.now)
        var schedule = try await schedule(new.name)
        schedule.schedule = new
        return schedule
    }

    func schedule(_ name: String) async throws -> Schedule {
        guard let found = state.withLock({ $0.schedules.first { $0.schedule.name == name } }) else {
            throw ScheduleError.unknown(name)
        }
        return found
    }

    func schedules(after cursor: String, limit: Int) async throws -> [Schedule] {
        state.withLock { state in
            Array(
                state.schedules.filter { $0.schedule.name > cursor }.sorted { $0.schedule.name < $1.schedule.name }
                    .prefix(limit))
        }
    }

    func pause(schedule name: String) async throws -> Schedule { try await schedule(name) }
    func resume(schedule name: String) async throws -> Schedule { try await schedule(name) }
    func run(schedule name: String) async throws -> TaskRecord {
        _ = try await schedule(name)
        return Self.record()
    }

    func deleteSchedule(_ name: String) async throws {
        _ = try await schedule(name)
        state.withLock { $0.schedules.removeAll { $0.schedule.name == name } }
    }

    // MARK: Destinations

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

    func addDestinationSecret(
        _ reference: String, _ text: String?
    ) async throws -> (destination: DestinationRecord, secret: String) {
        let destination = try await destination(reference)
        if text == "nonsense" { throw ValidationError("secret", "is no secret") }
        return (destination, text ?? "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    }

    func dropDestinationSecrets(_ reference: String, all: Bool) async throws -> DestinationRecord {
        let destination = try await destination(reference)
        if !all { throw ValidationError("all", "must be true") }
        return destination
    }

    func testDestination(_ reference: String, _ call: TestCall) async throws -> TestCallResult {
        let destination = try await destination(reference)
        guard TestCall.timeouts.contains(call.timeout) else { throw ValidationError("timeout_ms", "is out of range") }
        return TestCallResult(
            method: call.method, url: destination.url + (call.path ?? ""), startedAt: Self.now,
            duration: .microseconds(1500), status: call.path == "/gone" ? nil : 200,
            outcomeClass: call.path == "/gone" ? "connect" : "success",
            message: call.path == "/gone" ? "refused" : nil, address: "192.0.2.1:443", timings: CallTimings(),
            response: Array("ok".utf8), responseTruncated: false, signatures: 2)
    }

    var unreadiness: String? { state.withLock { $0.unreadiness } }
}

extension DestinationRecord {
    static let sample: DestinationRecord = {
        var settings = Settings()
        (settings.rate, settings.notes) = (2.5, "contract of May")
        var destination = DestinationRecord(
            id: 7, url: "https://shop.example/hooks", settings: settings, pausedAt: nil, pauseReason: nil,
            openUntil: FakeScheduler.now, failingSince: FakeScheduler.now, createdAt: FakeScheduler.now,
            updatedAt: FakeScheduler.now)
        destination.secrets = [SealedSecret(id: 1, sealed: [1, 2, 3], createdAt: FakeScheduler.now)]
        return destination
    }()
}
