import ArgumentParser
import Logging
import MySQL
import Scheduler
import ServiceLifecycle
import UnixSignals
import Web

/// The API with nothing behind it, for scripts/bench: a task is read, checked and answered as by `serve`, and stored nowhere.
struct BareIntakeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bare-intake", abstract: "Answer POST /v1/tasks without a database: a measure of what HTTP takes.",
        discussion: "Example: schedulerd bare-intake --config schedulerd.yaml", shouldDisplay: false)

    @OptionGroup var options: ServeOptions

    func run() async throws {
        let (_, loaded) = try options.input.loadOrExit()
        let live = LiveConfiguration(loaded.configuration)
        let logger = Logger(label: "schedulerd")
        let server = WebServer(scheduler: BareIntake(live: live), gate: nil, live: live, logger: logger)
        let services = ServiceGroupConfiguration(
            services: [ServiceGroupConfiguration.ServiceConfiguration(service: server)],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        try await ServiceGroup(configuration: services).run()
    }
}

/// Accepts whatever would be accepted, and forgets it.
private struct BareIntake: TaskScheduling, ScheduleKeeping, DestinationKeeping {
    let live: LiveConfiguration
    private let ids = TaskIDSource(SystemTime())

    init(live: LiveConfiguration) {
        self.live = live
    }

    func accept(_ draft: TaskDraft) async throws -> TaskRecord {
        record(try live.make(TaskRules.init).check(draft))
    }

    func submit(_ submission: TaskSubmission) async throws -> RequestAnswer {
        let rules = live.make(TaskRules.init)
        return submission.answer(try submission.drafts.map { .made(record(try rules.check($0))) })
    }

    func accept(_ form: LegacyForm) async throws -> TaskRecord {
        record(try live.make(LegacyRules.init).check(form, now: .now))
    }

    private func record(_ task: NewTask) -> TaskRecord {
        let now = Timestamp.now
        return TaskRecord(
            id: ids.next(at: now), task: task, state: .scheduled, attempt: 0, nextAttemptAt: task.planTime,
            createdAt: now, finishedAt: nil, version: 1, requestVersion: 1)
    }

    var unreadiness: String? { nil }

    // MARK: There is nothing to ask for

    func task(_ id: TaskID) async throws -> TaskRecord { throw SchedulerError.notFound(id) }
    func attempts(of id: TaskID, after: Int, limit: Int) async throws -> [AttemptRecord] { [] }
    func tasks(_ filter: TaskFilter, before cursor: TaskID?, limit: Int) async throws -> TaskPage {
        TaskPage(tasks: [], next: nil)
    }
    func edit(_ id: TaskID, _ patch: TaskPatch, onlyIf versions: Set<Int>?) async throws -> TaskRecord {
        throw SchedulerError.notFound(id)
    }
    func cancel(_ id: TaskID, onlyIf versions: Set<Int>?) async throws -> TaskRecord {
        throw SchedulerError.notFound(id)
    }
    func runNow(_ id: TaskID, onlyIf versions: Set<Int>?) async throws -> TaskRecord {
        throw SchedulerError.notFound(id)
    }
    func retry(_ id: TaskID, onlyIf versions: Set<Int>?) async throws -> TaskRecord {
        throw SchedulerError.notFound(id)
    }
    func queues(after name: String, limit: Int) async throws -> [QueueStatus] { [] }
    func queue(_ name: String) async throws -> QueueStatus { throw SchedulerError.unknownQueue(name) }
    func createQueue(_ name: String, _ patch: QueuePatch) async throws -> QueueStatus {
        throw SchedulerError.unknownQueue(name)
    }
    func changeQueue(_ name: String, _ patch: QueuePatch) async throws -> QueueStatus {
        throw SchedulerError.unknownQueue(name)
    }
    func deleteQueue(_ name: String) async throws { throw SchedulerError.unknownQueue(name) }
    func pause(queue name: String) async throws -> QueueStatus { throw SchedulerError.unknownQueue(name) }
    func resume(queue name: String) async throws -> QueueStatus { throw SchedulerError.unknownQueue(name) }
    func purge(queue name: String, by asker: String) async throws -> BulkOperation {
        throw SchedulerError.unknownQueue(name)
    }
    func add(_ draft: ScheduleDraft, isPaused: Bool) async throws -> Schedule { throw Self.noSchedule(draft.name) }
    func replace(_ draft: ScheduleDraft) async throws -> Schedule { throw Self.noSchedule(draft.name) }
    func schedule(_ name: String) async throws -> Schedule { throw Self.noSchedule(name) }
    func schedules(after cursor: String, limit: Int) async throws -> [Schedule] { [] }
    func pause(schedule name: String) async throws -> Schedule { throw Self.noSchedule(name) }
    func resume(schedule name: String) async throws -> Schedule { throw Self.noSchedule(name) }
    func deleteSchedule(_ name: String) async throws { throw Self.noSchedule(name) }
    func run(schedule name: String) async throws -> TaskRecord { throw Self.noSchedule(name) }
    private static func noSchedule(_ name: String?) -> ScheduleError { .unknown(name ?? "") }
    func sources() async -> [SourceStatus] { [] }
    func quarantined(before cursor: TaskID?, limit: Int) async throws -> [QuarantinedMessage] { [] }
    func quarantined(_ id: TaskID) async throws -> QuarantinedMessage { throw SchedulerError.notFound(id) }
    func retryQuarantined(_ id: TaskID) async throws -> TaskRecord { throw SchedulerError.notFound(id) }
    func deleteQuarantined(_ id: TaskID) async throws { throw SchedulerError.notFound(id) }
    func instances(
        after cursor: InstanceCursor?, limit: Int
    ) async throws -> (now: Timestamp, instances: [InstanceStatus]) { (.now, []) }
    func deadLetters(
        _ filter: DeadLetterFilter, before cursor: DeadLetterCursor?, limit: Int
    ) async throws -> DeadLetterPage {
        throw Self.nothingIsStored
    }
    func countDeadLetters(_ filter: DeadLetterFilter) async throws -> Estimate { Estimate(0) }
    func startBulkRetry(_ filter: DeadLetterFilter, perSecond: Int, by name: String) async throws -> BulkOperation {
        throw Self.nothingIsStored
    }
    func countTasks(_ action: BulkAction, _ filter: TaskFilter) async throws -> Estimate { Estimate(0) }
    func startBulk(
        _ action: BulkAction, _ filter: TaskFilter, perSecond: Int, by name: String
    ) async throws -> BulkOperation {
        throw Self.nothingIsStored
    }
    func bulkOperation(_ id: BulkOperation.ID) async throws -> BulkOperation? { nil }
    func bulkOperations(before cursor: BulkOperation.ID?, limit: Int) async throws -> [BulkOperation] { [] }
    func cancelBulkOperation(_ id: BulkOperation.ID) async throws -> BulkOperation {
        throw SchedulerError.unknownOperation(id)
    }

    private static let nothingIsStored = SchedulerError.unavailable(
        "this server stores no tasks", retryAfter: .seconds(2))
}

extension BareIntake {
    func destinations(after id: Int, limit: Int) async throws -> [DestinationRecord] { [] }
    func destination(_ reference: String) async throws -> DestinationRecord {
        throw SchedulerError.unknownDestination(reference)
    }
    func setDestination(
        _ reference: String, _ settings: DestinationRecord.Settings
    ) async throws -> (destination: DestinationRecord, isNew: Bool) {
        throw Self.nothingIsStored
    }
    func pauseDestination(_ reference: String, reason: String) async throws -> DestinationRecord {
        try await destination(reference)
    }
    func resumeDestination(_ reference: String) async throws -> DestinationRecord { try await destination(reference) }
    func deleteDestination(_ reference: String) async throws { _ = try await destination(reference) }
    func addDestinationSecret(
        _ reference: String, _ text: String?
    ) async throws -> (destination: DestinationRecord, secret: String) {
        throw Self.nothingIsStored
    }
    func dropDestinationSecrets(_ reference: String, all: Bool) async throws -> DestinationRecord {
        try await destination(reference)
    }
    func testDestination(_ reference: String, _ call: TestCall) async throws -> TestCallResult {
        throw Self.nothingIsStored
    }
}
