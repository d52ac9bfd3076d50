package import Logging
package import MySQL
import Redis
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What became of a task that was accepted.
package struct Acceptance: Sendable {
    package var id: TaskID
    package var createdAt: Timestamp
    /// nil: it is in the intake buffer and not in the database yet.
    package var place: Place?
    /// What became of a group.
    var result: GroupResult?
}

/// Group commit: requests that come in while a COMMIT is under way share the next one.
package final class Intake: Sendable {
    package struct Settings: Sendable {
        package var batch: Int
        package var maxWaiting: Int
        package var timeout: Duration
        /// Transactions under way at once.
        package var lanes: Int

        package init(batch: Int, maxWaiting: Int, timeout: Duration, lanes: Int) {
            self.batch = batch
            self.maxWaiting = maxWaiting
            self.timeout = timeout
            self.lanes = lanes
        }
    }

    private typealias Lane = CheckedContinuation<Void, Never>

    private struct State {
        var queue = IntakeQueue()
        /// Of requests that are under way, or of which nobody knows whether they took effect.
        var keysUnderWay: Set<KeyID> = []
        var idleLanes: [Lane] = []
        /// Somebody has an eye on the deadlines.
        var isWatched = false
    }

    private let store: any TaskStore
    private let buffer: RedisSource?
    private let placer: Placer
    private let clock: ClusterClock
    private let settings: @Sendable () -> Settings
    private let metrics: EngineMetrics
    private let logger: Logger
    private let ids: TaskIDSource
    private let state = Mutex(State())
    /// Given when a transaction is worth its while.
    private let worthIt = Signal()
    /// Given when there is a deadline and nobody has an eye on it.
    private let hasDeadline = Signal()

    /// - Parameter buffer: takes what the database does not, if there is one.
    package init(
        store: any TaskStore, buffer: RedisSource?, placer: Placer, clock: ClusterClock,
        settings: @escaping @Sendable () -> Settings, metrics: EngineMetrics = EngineMetrics(), logger: Logger
    ) {
        self.metrics = metrics
        self.logger = logger
        self.store = store
        self.buffer = buffer
        self.placer = placer
        self.clock = clock
        self.settings = settings
        ids = TaskIDSource(clock.time)
    }

    /// Returns when the task is committed, or durable in the buffer.
    package func accept(_ task: NewTask) async throws -> Acceptance {
        let id = newID()
        let deadline = clock.time.now().advanced(by: patience)
        return try await withCheckedThrowingContinuation { continuation in
            enqueue(WaitingTask(id: id, task: task, deadline: deadline, reply: .init(continuation)))
        }
    }

    /// Returns what becomes of a group when that is committed, or durable in the buffer.
    /// - Parameter tasks: at least one.
    package func accept(_ tasks: [NewTask], _ terms: GroupTerms) async throws -> GroupResult {
        let all = tasks.map { (id: newID(), task: $0) }
        let deadline = clock.time.now().advanced(by: patience)
        if let key = terms.requestKey, !state.withLock({ $0.keysUnderWay.insert(key.id).inserted }) { return .underWay }
        let acceptance = try await withCheckedThrowingContinuation { continuation in
            var waiting = WaitingTask(id: all[0].id, task: all[0].task, deadline: deadline, reply: .init(continuation))
            waiting.rest = Array(all.dropFirst())
            waiting.terms = terms
            enqueue(waiting)
        }
        if let result = acceptance.result { return result }
        let fates = all.map { id, task in
            TaskFate.made(
                TaskRecord(
                    id: id, task: task, state: .scheduled, attempt: 0, nextAttemptAt: task.planTime,
                    createdAt: acceptance.createdAt, finishedAt: nil, version: 1, requestVersion: 1, isBuffered: true))
        }
        return .answered(terms.answer(fates), made: Set(all.map(\.id)))
    }

    /// Tasks that wait to be stored and are not in a transaction yet.
    package var count: Int { state.withLock { $0.queue.count } }

    /// An id for a task that is made now.
    package func newID() -> TaskID { ids.next(at: clock.now()) }

    /// With a buffer there is no need to try for long.
    private var patience: Duration { buffer == nil ? settings().timeout : Self.patienceWithBuffer }
    private static let patienceWithBuffer: Duration = .milliseconds(500)

    private func enqueue(_ new: WaitingTask) {
        enum Action {
            case wait
            case wake(Lane)
            case refuse(String)
        }
        let settings = settings()
        let (action, isUnwatched, isWorthIt) = state.withLock { state -> (Action, Bool, Bool) in
            if state.queue.isClosed { return (.refuse("this instance is shutting down"), false, false) }
            if state.queue.count >= settings.maxWaiting {
                return (.refuse("\(settings.maxWaiting) tasks wait to be written already"), false, false)
            }
            state.queue.append(new)
            defer { state.isWatched = true }
            if state.queue.isGathering { return (.wait, !state.isWatched, state.queue.isWorthwhile) }
            return (state.idleLanes.popLast().map { .wake($0) } ?? .wait, !state.isWatched, false)
        }
        switch action {
        case .wait: break
        case .wake(let lane): lane.resume()
        case .refuse(let reason):
            metrics.tasksRefused.add(new.count)
            ended([new])
            new.reply.give(.failure(SchedulerError.unavailable(reason, retryAfter: .seconds(1))))
        }
        if isUnwatched { hasDeadline.notify() }
        if isWorthIt { worthIt.notify() }
    }

    /// Runs until `close`, and until what waits then is written or refused.
    package func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.answerTheLate() }
            await withDiscardingTaskGroup { lanes in
                for _ in 0..<settings().lanes {
                    lanes.addTask { await self.runLane() }
                }
            }
            group.cancelAll()
        }
    }

    /// Refuses new tasks and lets the lanes end.
    package func close() {
        let lanes = state.withLock { state in
            state.queue.isClosed = true
            defer { state.idleLanes = [] }
            return state.idleLanes
        }
        for lane in lanes { lane.resume() }
        worthIt.notify()
    }

    private func runLane() async {
        while true {
            let limit = settings().batch
            switch state.withLock({ $0.queue.next(limit, at: clock.time.now()) }) {
            case .write(let batch):
                // More than one transaction takes.
                wakeLane()
                await store(batch.state)
                state.withLock { $0.queue.written(batch) }
                ended(batch.tasks)
            case .gather(let until):
                await worthIt.wait(until: until, clock.time)
                state.withLock { $0.queue.isGathering = false }
            case .wait: await park()
            case .end: return
            }
        }
    }

    /// Until there is something to do.
    private func park() async {
        await withCheckedContinuation { lane in
            let isNeeded = state.withLock { state in
                if state.queue.isClosed || state.queue.needsLane { return true }
                state.idleLanes.append(lane)
                return false
            }
            if isNeeded { lane.resume() }
        }
    }

    /// One more for what is left.
    private func wakeLane() {
        let lane = state.withLock { $0.queue.needsLane ? $0.idleLanes.popLast() : nil }
        lane?.resume()
    }

    /// Nothing is under way any more with the keys of these.
    private func ended(_ tasks: [WaitingTask]) {
        let keys = tasks.compactMap { $0.terms?.requestKey?.id }
        if !keys.isEmpty { state.withLock { $0.keysUnderWay.subtract(keys) } }
    }

    private func store(_ batch: IntakeBatch) async {
        var backoff = Backoff()
        var claims = true
        while true {
            do {
                try await insert(batch, claims: claims)
                return
            } catch let error as MySQLError where error.isFenced {
                // This process has a new incarnation or none: what is due soon goes to whoever has room.
                batch.failed(isUnknown: false)
                claims = false
            } catch {
                // Tried again, it may be placed elsewhere than it was by a COMMIT that was not answered.
                placer.uncertain(at: clock.time.now())
                let cause = error as? MySQLError
                batch.failed(isUnknown: cause?.isCommitUnknown == true)
                guard cause?.isTransient == true else {
                    logger.error("tasks could not be stored: \(error)")
                    await giveUp(batch.giveUpAll())
                    return
                }
                await backoff.pause(clock.time)
            }
        }
    }

    private func insert(_ batch: IntakeBatch, claims: Bool) async throws {
        var queues: [String: Int] = [:]
        for name in Set(batch.tasks.flatMap { [$0.task.queue] + $0.rest.map(\.task.queue) }).sorted() {
            queues[name] = try await store.queueID(name)
        }
        let waiting = batch.begin()
        if waiting.isEmpty { return }
        let now = clock.now()
        func accepted(_ id: TaskID, _ task: NewTask) -> AcceptedTask {
            let queueID = queues[task.queue]!
            let place = placer.place(task.planTime, queue: queueID, now: now)
            return AcceptedTask(
                id: id, task: task, queueID: queueID, createdAt: now,
                place: place == .scheduled || claims ? place : .ready)
        }
        if waiting.contains(where: { $0.terms != nil }) {
            return try await insert(
                waiting.map { waiting in
                    let tasks = waiting.all.map { accepted($0.id, $0.task) }
                    return (waiting, TaskGroup(tasks: tasks, terms: waiting.terms ?? .plain))
                }, now)
        }
        let accepted = waiting.map { accepted($0.id, $0.task) }
        try await store.insert(accepted, now: now)
        placer.committed(accepted.map(\.placement))
        metrics.tasksAccepted.add(accepted.count, "request")
        for (waiting, accepted) in zip(waiting, accepted) {
            waiting.reply.give(
                .success(Acceptance(id: accepted.id, createdAt: accepted.createdAt, place: accepted.place)))
        }
    }

    /// The same where there are groups.
    private func insert(_ groups: [(waiting: WaitingTask, group: TaskGroup)], _ now: Timestamp) async throws {
        let results: [GroupResult]
        if groups.contains(where: \.waiting.needsKeys) {
            results = try await store.insert(groups.map(\.group), replacing: nil, now: now)
        } else {
            try await store.insert(groups.flatMap(\.group.tasks), now: now)
            results = groups.map { _, group in
                .answered(
                    group.terms.answer(group.tasks.map { .made($0.record) }), made: Set(group.tasks.map(\.id)))
            }
        }
        // Before the answer: who has it may ask again at once.
        ended(groups.map(\.waiting))
        for ((waiting, group), result) in zip(groups, results) {
            let made = group.made(result)
            placer.committed(made.map(\.placement))
            metrics.tasksAccepted.add(made.count, "request")
            waiting.reply.give(
                .success(
                    Acceptance(id: waiting.id, createdAt: now, place: group.tasks[0].place, result: result)))
        }
    }

    // MARK: Those who have waited long enough

    /// Answers in time even while statements hang, also those who wait behind them. Runs until it is cancelled.
    private func answerTheLate() async {
        while !Task.isCancelled {
            let next = state.withLock { state in
                let deadline = state.queue.firstDeadline
                state.isWatched = deadline != nil
                return deadline
            }
            guard let deadline = next else {
                await hasDeadline.wait()
                continue
            }
            do {
                try await clock.time.sleep(until: deadline)
                let now = clock.time.now()
                let (waiting, underWay) = state.withLock { ($0.queue.takeLate(now), $0.queue.giveUp(at: now)) }
                let late = underWay + (waiting.isEmpty ? [] : [.init(tasks: waiting, mayBeStored: false)])
                // Mostly they were answered long ago.
                if late.isEmpty { continue }
                ended(waiting)
                await withDiscardingTaskGroup { group in
                    for late in late { group.addTask { await self.giveUp(late) } }
                }
                try await clock.time.sleep(for: .milliseconds(100))
            } catch {
                // Cancelled: all are answered.
            }
        }
    }

    private func giveUp(_ late: IntakeBatch.GivenUp) async {
        // The buffer cannot tell whether a key is taken.
        let withKeys = late.tasks.filter(\.needsKeys)
        if !withKeys.isEmpty, buffer != nil {
            await giveUp(.init(tasks: late.tasks.filter { !$0.needsKeys }, mayBeStored: late.mayBeStored))
            return refuse(withKeys, mayBeStored: late.mayBeStored)
        }
        if late.tasks.isEmpty { return }
        var mayBeStored = late.mayBeStored
        do {
            if try await putAside(late.tasks) { return }
        } catch {
            logger.warning("the intake buffer takes nothing either: \(error)")
            if (error as? RedisError)?.isOutcomeUnknown == true { mayBeStored = true }
        }
        refuse(late.tasks, mayBeStored: mayBeStored)
    }

    private func refuse(_ tasks: [WaitingTask], mayBeStored: Bool) {
        let failure = SchedulerError.unavailable(
            mayBeStored
                ? "no answer came in time: whether the task was accepted is not known"
                : "the database does not take tasks now", retryAfter: .seconds(5))
        metrics.tasksRefused.add(tasks.reduce(0) { $0 + $1.count })
        for task in tasks { task.reply.give(.failure(failure)) }
    }

    /// Into the buffer, under the ids that the tasks will have. What was committed unseen is found there by its id.
    /// - Returns: false when there is no buffer.
    private func putAside(_ tasks: [WaitingTask]) async throws -> Bool {
        guard let buffer else { return false }
        let now = clock.now()
        let encoder = JSONEncoder()
        try await buffer.put(
            tasks.flatMap(\.all).map { ($0.id, Array(try encoder.encode(BufferedTask(createdAt: now, task: $0.task)))) }
        )
        metrics.tasksBuffered.add(tasks.reduce(0) { $0 + $1.count })
        for task in tasks { task.reply.give(.success(Acceptance(id: task.id, createdAt: now, place: nil))) }
        return true
    }
}
