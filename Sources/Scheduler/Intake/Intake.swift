package import Logging
package import MySQL
import Synchronization

/// What became of a task that was accepted.
package struct Acceptance: Sendable {
    package var id: TaskID
    package var createdAt: Timestamp
    /// nil: it is in the intake buffer and not in the database yet.
    package var place: Place?
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

    private struct Waiting {
        var id: TaskID
        var task: NewTask
        var continuation: CheckedContinuation<Acceptance, any Error>

        var bytes: Int { task.request.url.utf8.count + (task.request.body?.count ?? 0) }
    }

    private typealias Lane = CheckedContinuation<[Waiting], Never>

    private struct State {
        var waiting: [Waiting] = []
        var idleLanes: [Lane] = []
        var isClosed = false

        mutating func takeBatch(_ limit: Int, _ byteLimit: Int) -> [Waiting] {
            var bytes = 0
            var count = 0
            while count < min(limit, waiting.count), count == 0 || bytes + waiting[count].bytes <= byteLimit {
                bytes += waiting[count].bytes
                count += 1
            }
            let batch = Array(waiting.prefix(count))
            waiting.removeFirst(count)
            return batch
        }
    }

    private let store: any TaskStore
    private let buffer: (any IntakeBuffer)?
    private let placer: Placer
    private let clock: ClusterClock
    private let settings: Settings
    private let logger: Logger
    private let ids: TaskIDSource
    private let state = Mutex(State())

    /// A batch stays well below the servers' `max_allowed_packet` (16 MiB by default), even when every byte is escaped.
    private static let batchBytes = 4 << 20

    /// - Parameter buffer: takes what the database does not, if there is one.
    package init(
        store: any TaskStore, buffer: (any IntakeBuffer)?, placer: Placer, clock: ClusterClock, settings: Settings,
        logger: Logger
    ) {
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
        let id = ids.next(at: clock.now())
        return try await withCheckedThrowingContinuation { continuation in
            enqueue(Waiting(id: id, task: task, continuation: continuation))
        }
    }

    private func enqueue(_ new: Waiting) {
        enum Action {
            case wait
            case wake(Lane, [Waiting])
            case refuse(String)
        }
        let action = state.withLock { state -> Action in
            if state.isClosed { return .refuse("this instance is shutting down") }
            if state.waiting.count >= settings.maxWaiting {
                return .refuse("\(settings.maxWaiting) tasks wait to be written already")
            }
            state.waiting.append(new)
            guard let lane = state.idleLanes.popLast() else { return .wait }
            return .wake(lane, state.takeBatch(settings.batch, Self.batchBytes))
        }
        switch action {
        case .wait: break
        case .wake(let lane, let batch): lane.resume(returning: batch)
        case .refuse(let reason):
            new.continuation.resume(throwing: SchedulerError.unavailable(reason, retryAfter: .seconds(1)))
        }
    }

    /// Runs until `close`, and until what waits then is written or refused.
    package func run() async {
        await withDiscardingTaskGroup { group in
            for _ in 0..<settings.lanes {
                group.addTask { await self.runLane() }
            }
        }
    }

    /// Refuses new tasks and lets the lanes end.
    package func close() {
        let lanes = state.withLock { state in
            state.isClosed = true
            defer { state.idleLanes = [] }
            return state.idleLanes
        }
        for lane in lanes { lane.resume(returning: []) }
    }

    private func runLane() async {
        while true {
            let batch = await nextBatch()
            if batch.isEmpty { return }
            await write(batch)
        }
    }

    /// Empty: the intake is closed.
    private func nextBatch() async -> [Waiting] {
        await withCheckedContinuation { lane in
            let batch = state.withLock { state -> [Waiting]? in
                if state.waiting.isEmpty, !state.isClosed {
                    state.idleLanes.append(lane)
                    return nil
                }
                return state.takeBatch(settings.batch, Self.batchBytes)
            }
            if let batch { lane.resume(returning: batch) }
        }
    }

    private static let patienceWithBuffer: Duration = .milliseconds(500)

    /// Into the buffer, under the ids that the tasks will have. What was committed unseen is found there by its id.
    private func putAside(_ batch: [Waiting]) async -> Bool {
        guard let buffer else { return false }
        let now = clock.now()
        do {
            try await buffer.put(batch.map { BufferedTask(id: $0.id, createdAt: now, task: $0.task) })
        } catch {
            logger.warning("the intake buffer takes nothing either: \(error)")
            return false
        }
        for waiting in batch {
            waiting.continuation.resume(
                returning: Acceptance(id: waiting.id, createdAt: now, place: nil))
        }
        return true
    }

    private func write(_ batch: [Waiting]) async {
        // With a buffer there is no need to try for long.
        let patience = buffer == nil ? settings.timeout : Self.patienceWithBuffer
        let deadline = clock.time.now().advanced(by: patience)
        var backoff = Backoff()
        var claims = true
        while true {
            do {
                var queues: [String: Int] = [:]
                for name in Set(batch.map(\.task.queue)).sorted() { queues[name] = try await store.queueID(name) }
                let now = clock.now()
                let accepted = batch.map { waiting in
                    let place = placer.place(waiting.task.planTime, now: now)
                    return AcceptedTask(
                        id: waiting.id, task: waiting.task, queueID: queues[waiting.task.queue]!, createdAt: now,
                        place: place == .scheduled || claims ? place : .ready)
                }
                try await store.insert(accepted, now: now)
                placer.committed(accepted.map(\.placement))
                for (waiting, accepted) in zip(batch, accepted) {
                    waiting.continuation.resume(
                        returning: Acceptance(id: accepted.id, createdAt: accepted.createdAt, place: accepted.place))
                }
                return
            } catch let error as MySQLError where error.isFenced {
                // This process has a new incarnation or none: what is due soon goes to whoever has room.
                claims = false
            } catch let error as MySQLError where error.isTransient && clock.time.now() < deadline {
                // Tried again, it may be placed elsewhere than it was by a COMMIT that was not answered.
                placer.uncertain(at: clock.time.now())
                await backoff.pause(clock.time)
            } catch {
                placer.uncertain(at: clock.time.now())
                let isUnknown = (error as? MySQLError)?.isCommitUnknown == true
                if await putAside(batch) { return }
                let failure = SchedulerError.unavailable(
                    isUnknown
                        ? "the connection to the database was lost: whether the task was accepted is not known"
                        : "the database does not take tasks now", retryAfter: .seconds(5))
                for waiting in batch { waiting.continuation.resume(throwing: failure) }
                return
            }
        }
    }
}
