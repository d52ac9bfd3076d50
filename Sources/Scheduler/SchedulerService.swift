public import CoreMetrics
public import Logging
public import MySQL
public import ServiceLifecycle
import Synchronization
import Transfer

/// The scheduler: what an application embeds and what the HTTP server and the commands stand on.
///
/// `run` opens the database and then runs one incarnation after the other: when a lease is lost, what it held is left to
/// recovery and a new one begins. Dispatch and outcomes outlive an incarnation.
public final class SchedulerService: Service {
    let live: LiveConfiguration
    let logger: Logger
    let store: MySQLStore
    let redis: RedisSources
    let metrics: EngineMetrics
    let monitor: Monitor
    let time = SystemTime()
    private let state = Mutex(State.starting("the database has not been reached yet"))
    private let calls = Mutex<TransferLoop?>(nil)
    private let updates: AsyncStream<Configuration>
    let testCaller = TestCaller()
    let bulkOperationAdded = Signal()
    let queueBook: QueueBookKeeper
    let recentCalls: RecentCallsBook
    private let rulesOfTasks: LivePart<TaskRules>
    let schedulesChanged = Signal()
    private let endExpected = Signal()
    private let isEnding = Atomic(false)

    private enum State {
        case starting(String)
        case running(Engine)
        case stopped
    }

    /// - Parameter metricsFactory: keeps the figures that docs/metrics.md names; gauges are those of the last
    ///   `refreshMetrics`.
    public convenience init(
        configuration: Configuration, logger: Logger,
        metricsFactory: any MetricsFactory = NOOPMetricsHandler.instance
    ) {
        self.init(live: LiveConfiguration(configuration), logger: logger, metricsFactory: metricsFactory)
    }

    /// - Parameter live: what is put in force there takes effect here, as far as its keys are live.
    package init(
        live: LiveConfiguration, logger: Logger, metricsFactory: any MetricsFactory = NOOPMetricsHandler.instance
    ) {
        updates = live.updates
        let configuration = live.current
        self.live = live
        self.logger = logger
        metrics = EngineMetrics(metricsFactory, version: schedulerVersion)
        store = MySQLStore(configuration, metrics: metrics)
        let store = store
        queueBook = QueueBookKeeper { try await store.queueBook() }
        recentCalls = RecentCallsBook(store)
        rulesOfTasks = LivePart(live, TaskRules.init)
        redis = RedisSources(configuration)
        monitor = Monitor(live, store, redis, time)
    }

    /// Runs until the task is cancelled or the service group shuts down gracefully.
    /// - Throws: when the database can never carry the scheduler: too old, tables missing, wrong password.
    public func run() async throws {
        defer {
            redis.close()
            store.close()
        }
        let stop = Signal()
        try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await self.boundTheEnd() }
                defer { group.cancelAll() }
                guard let engine = try await open(until: stop) else { return }
                group.addTask { await self.followUpdates() }
                state.withLock { $0 = .running(engine) }
                defer { state.withLock { $0 = .stopped } }
                group.addTask { await self.keepHistory(engine.clock) }
                let keys = RequestKeyKeeper(store: store, clock: engine.clock, logger: logger)
                group.addTask { await keys.run() }
                if let schedules = scheduleLoop(engine) { group.addTask { await schedules.run() } }
                if let bulk = bulkLoop(engine) { group.addTask { await bulk.run() } }
                group.addTask { await self.redis.warn(self.logger) }
                group.addTask { await self.fillFailLists(engine.clock) }
                try await engine.run(until: stop)
            }
        } onGracefulShutdown: {
            stop.notify()
            self.expectEnd()
        }
    }

    /// nil: this instance is neither worker nor admin.
    private func bulkLoop(_ engine: Engine) -> BulkLoop? {
        if live.roles.isDisjoint(with: [.worker, .admin]) { return nil }
        let name = live.instanceName ?? HostName.current
        return BulkLoop(
            store: store, clock: engine.clock, runner: "\(name.fitting(190)) \(String(time.randomBits(), radix: 16))",
            added: bulkOperationAdded, onReady: { engine.wakeClaims() },
            place: { engine.place($1, queue: $0) }, logger: logger)
    }

    /// Hands on what has to be told of another configuration; the rest reads it.
    private func followUpdates() async {
        for await configuration in updates {
            calls.withLock { $0 }?.update(TransferOptions(configuration.dispatch))
            redis.update(configuration)
        }
    }

    /// Fills the fail lists there are, and others as soon as others are configured.
    private func fillFailLists(_ clock: ClusterClock) async {
        while !Task.isCancelled {
            await withTaskGroup(of: Void.self) { group in
                for list in redis.failLists {
                    let loop = FailListLoop(list: list, store: store, clock: clock, logger: logger)
                    group.addTask { await loop.run() }
                }
                await redis.failListsChanged.wait()
                group.cancelAll()
            }
        }
    }

    /// To be told as soon as the process is to end, which may be some time before this service is: requests that hang on
    /// the database must end before the HTTP server can.
    public func expectEnd() {
        isEnding.store(true, ordering: .relaxed)
        endExpected.notify()
    }

    private static let patienceForRequests: Duration = .seconds(3)
    private static let patienceAfterDrain: Duration = .seconds(5)

    /// Sees to it that a database that hangs does not hold up the end.
    private func boundTheEnd() async {
        guard await endExpected.wait() else { return }
        do {
            try await time.sleep(for: Self.patienceForRequests)
            store.interruptRequests()
            try await time.sleep(for: live.shutdown.drain + Self.patienceAfterDrain - Self.patienceForRequests)
            logger.warning("the database hangs; what waits for it is broken off")
            store.interrupt()
        } catch {
            // Cancelled: the end has come.
        }
    }

    /// Waits for the database, however long it is away. nil: told to stop meanwhile.
    private func open(until stop: Signal) async throws -> Engine? {
        var pause: Duration = .milliseconds(100)
        while true {
            do {
                let missing = try await store.missingTables()
                guard missing.isEmpty else {
                    throw MySQLError(
                        .unsupportedServer,
                        "the database lacks \(missing.joined(separator: ", ")); run `schedulerd migrate up` first")
                }
                let reading = try await store.sampleClock()
                return engine(ClusterClock(ClockEstimate(reading), time))
            } catch let error as MySQLError where error.isTransient {
                state.withLock { $0 = .starting("the database cannot be reached: \(error.message)") }
                logger.warning("waiting for the database: \(error)")
            }
            if await stop.wait(until: time.now().advanced(by: pause), time) || Task.isCancelled { return nil }
            pause = min(pause * 2, .seconds(5))
        }
    }

    private func engine(_ clock: ClusterClock) -> Engine {
        Engine(
            live, name: live.instanceName ?? HostName.current, store: store, clock: clock,
            calls: { mayFire, onResults in
                let loop = TransferLoop(
                    options: TransferOptions(live.dispatch), mayFire: mayFire, onResults: onResults)
                calls.withLock { $0 = loop }
                return loop
            }, buffer: redis.buffer, sources: redis.set, metrics: metrics, logger: logger)
    }

    /// Connections for what people and programs ask for.
    package var requestPool: ConnectionPool { store.front }

    /// nil: it has not begun, or has ended.
    var runningEngine: Engine? {
        if case .running(let engine) = state.withLock({ $0 }) { engine } else { nil }
    }

    /// The time by the database's clock.
    package func now() throws -> Timestamp {
        try engine().clock.now()
    }

    func engine() throws -> Engine {
        switch state.withLock({ $0 }) {
        case .running(let engine): return engine
        case .starting(let reason): throw SchedulerError.unavailable(reason, retryAfter: .seconds(2))
        case .stopped: throw SchedulerError.unavailable("this instance is shutting down", retryAfter: .seconds(2))
        }
    }

    // MARK: Tasks

    /// Accepts a task. When it returns, the task is committed.
    /// - Throws: `ValidationError`, `SchedulerError.unavailable`.
    public func accept(_ draft: TaskDraft) async throws -> TaskRecord {
        let (engine, task) = (try engine(), try await taskRules(naming: draft.queues).check(draft))
        guard task.key != nil else { return try await engine.accept(task) }
        return try await submit(draft)
    }

    /// The rules for tasks of these queues.
    func taskRules(naming queues: [String]) async -> TaskRules {
        var rules = rulesOfTasks.value
        // One that is not in the book may have been made a moment ago.
        let names = rules.makesQueues ? [] : queues
        rules.queues = await queueBook.current(unless: { book in names.contains { !book.contains($0) } })
        return rules
    }

    /// What the settings of queues must be like.
    var queueRules: QueueRules { live.make(QueueRules.init) }

    /// Accepts a task of the old form `POST /api/task/save`.
    /// - Throws: `LegacyRefusal` with the old program's text; `SchedulerError.unavailable`.
    public func accept(_ form: LegacyForm) async throws -> TaskRecord {
        let engine = try engine()
        return try await engine.accept(live.make(LegacyRules.init).check(form, now: engine.clock.now()))
    }

    /// - Throws: `SchedulerError.notFound`, `.unavailable`, as all that follow.
    public func task(_ id: TaskID) async throws -> TaskRecord {
        try await reaching {
            guard let task = try await store.task(id) else { throw SchedulerError.notFound(id) }
            return task
        }
    }

    /// Attempts in order, those after attempt number `after`.
    public func attempts(of id: TaskID, after: Int, limit: Int) async throws -> [AttemptRecord] {
        try await reaching {
            let attempts = try await store.attempts(of: id, after: after, limit: limit)
            if attempts.isEmpty, try await store.task(id) == nil { throw SchedulerError.notFound(id) }
            return attempts
        }
    }

    /// Newest first, those with an id below `cursor`.
    public func tasks(_ filter: TaskFilter, before cursor: TaskID?, limit: Int) async throws -> TaskPage {
        try await reaching { try await store.tasks(filter, before: cursor, limit: limit) }
    }

    /// Changes a waiting task. - Throws: also `ValidationError`, `SchedulerError.conflict`.
    /// - Parameter versions: it is done only if the task has one of these; nil: whatever its version is. Also of those
    ///   that follow, which throw `SchedulerError.versionChanged` then.
    public func edit(
        _ id: TaskID, _ patch: TaskPatch, onlyIf versions: Set<Int>? = nil
    ) async throws -> TaskRecord {
        let queues = patch.followUps.values.compactMap { $0?.queue }
        let edit = try await taskRules(naming: queues).check(patch, of: try await task(id))
        return try await steer(id, .edit(edit), versions)
    }

    /// Cancels a waiting task. When it returns, the task will not be called. - Throws: also `SchedulerError.conflict`.
    public func cancel(_ id: TaskID, onlyIf versions: Set<Int>? = nil) async throws -> TaskRecord {
        try await steer(id, .cancel, versions)
    }

    /// Makes a waiting task due now. - Throws: also `SchedulerError.conflict`.
    public func runNow(_ id: TaskID, onlyIf versions: Set<Int>? = nil) async throws -> TaskRecord {
        try await steer(id, .runNow, versions)
    }

    /// Gives a dead or cancelled task a new life, due now, with its whole retry schedule.
    /// - Throws: also `SchedulerError.conflict`.
    public func retry(_ id: TaskID, onlyIf versions: Set<Int>? = nil) async throws -> TaskRecord {
        try await steer(id, .retry, versions)
    }

    /// Makes a new task of the same queue, request, rules and labels.
    /// - Parameter planTime: nil: now.
    /// - Throws: also `ValidationError` when it would not be accepted today.
    public func duplicate(_ id: TaskID, planTime: Timestamp? = nil) async throws -> TaskRecord {
        let engine = try engine()
        let original = try await task(id)
        let copy = try live.make(TaskRules.init)
            .check(copyOf: original.task, planTime: planTime ?? engine.clock.now())
        return try await reaching {
            let copyID = try await engine.accept(copy, copyOf: id)
            guard let record = try await store.task(copyID) else { throw SchedulerError.notFound(copyID) }
            return record
        }
    }

    /// What a task was duplicated from, and what it was duplicated to.
    public func lineage(of id: TaskID) async throws -> TaskLineage {
        try await reaching { try await store.lineage(of: id) }
    }

    // MARK: Instances

    /// The instances of the cluster and the database's time: the living first, then those that ended within the last day, the
    /// newest first; those after `cursor`.
    public func instances(
        after cursor: InstanceCursor? = nil, limit: Int = 200
    ) async throws -> (now: Timestamp, instances: [InstanceStatus]) {
        let engine = try engine()
        return try await reaching { try await store.instances(own: engine.incarnation, after: cursor, limit: limit) }
    }

    /// Why this instance cannot accept or run tasks now; nil when it can.
    public var unreadiness: String? {
        if isEnding.load(ordering: .relaxed) { return "this instance is shutting down" }
        return switch state.withLock({ $0 }) {
        case .starting(let reason): reason
        case .running(let engine): engine.unreadiness
        case .stopped: "this instance is shutting down"
        }
    }

    private func steer(_ id: TaskID, _ steering: Steering, _ versions: Set<Int>?) async throws -> TaskRecord {
        let engine = try engine()
        let steering = versions.map { Steering.only(if: $0, steering) } ?? steering
        return try await reaching { try await engine.steer(id, steering) }
    }

    /// Gives the database's errors the form that callers can act on.
    func reaching<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let error as MySQLError where error.isTransient {
            logger.warning("a request could not be served: \(error)")
            throw SchedulerError.unavailable(
                error.isCommitUnknown
                    ? "the connection to the database was lost: whether it was done is not known, so look first"
                    : "the database cannot be reached now",
                retryAfter: .seconds(2))
        }
    }
}

extension TransferOptions {
    init(_ dispatch: Configuration.Dispatch) {
        self.init()
        maxInFlight = dispatch.maxInFlight
        linesInFlight = dispatch.backlogInFlight
        responseLimit = dispatch.responseLimitBytes
        userAgent = dispatch.userAgent
        caFile = dispatch.tlsCA
        addressPolicy = dispatch.addressPolicy
    }
}
