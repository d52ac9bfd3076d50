package import Logging
import MySQL
import Synchronization

/// A source, how its messages are read, and how far its drain is.
package struct DrainedSource: Sendable {
    package let source: RedisSource
    package let reader: any SourceReader
    package let progress: SourceProgress
    let limits: TakeLimits
    /// The longest pause between looks at a source that has nothing.
    let pollMax: Duration

    package init(
        _ source: RedisSource, reader: any SourceReader, limits: TakeLimits, pollMax: Duration,
        progress: SourceProgress = SourceProgress()
    ) {
        self.progress = progress
        self.source = source
        self.reader = reader
        self.limits = limits
        self.pollMax = pollMax
    }
}

/// Moves the messages of one source into the database: taken, inserted, committed, and only then acknowledged.
package struct SourceDrain: Sendable {
    private let source: RedisSource
    private let reader: any SourceReader
    private let progress: SourceProgress
    private let limits: TakeLimits
    private let pollMax: Duration
    private let store: any TaskStore
    private let placer: Placer
    private let clock: ClusterClock
    private let incarnation: UInt64
    private let metrics: EngineMetrics
    private let logger: Logger
    private let ids: TaskIDSource

    private static let shortestPause: Duration = .milliseconds(10)
    private static let adoptionInterval: Duration = .seconds(3)

    package init(
        _ drained: DrainedSource, store: any TaskStore, placer: Placer, clock: ClusterClock, incarnation: UInt64,
        metrics: EngineMetrics = EngineMetrics(), logger: Logger
    ) {
        self.metrics = metrics
        source = drained.source
        reader = drained.reader
        progress = drained.progress
        limits = drained.limits
        pollMax = drained.pollMax
        self.store = store
        self.placer = placer
        self.clock = clock
        self.incarnation = incarnation
        self.logger = logger
        ids = TaskIDSource(clock.time)
    }

    /// Runs until it is cancelled.
    package func run() async {
        var backoff = Backoff()
        var pause = Self.shortestPause
        var nextAdoption = clock.time.now()
        while !Task.isCancelled {
            do {
                if clock.time.now() >= nextAdoption {
                    try await adopt()
                    nextAdoption = clock.time.now().advanced(by: Self.adoptionInterval)
                }
                if try await moveBatch() > 0 {
                    pause = Self.shortestPause
                } else {
                    try await clock.time.sleep(for: pause)
                    pause = min(pause * 2, pollMax)
                }
                backoff.reset()
            } catch {
                if Task.isCancelled { return }
                placer.uncertain(at: clock.time.now())
                // Said once: the source may be away for long.
                if progress.failed("\(error)") { logger.warning("messages of \(source.key) wait: \(error)") }
                await backoff.pause(clock.time)
            }
        }
    }

    /// What others took is taken over when they have ended; the database is asked only when there are others.
    package func adopt() async throws {
        let others = try await source.incarnations().subtracting([incarnation])
        if others.isEmpty { return }
        for dead in others.subtracting(try await store.aliveIncarnations()) {
            try await source.adopt(from: dead, as: incarnation)
        }
    }

    /// - Returns: how many messages were moved.
    package func moveBatch() async throws -> Int {
        let now = clock.now()
        let batch = try await source.take(limits, as: incarnation, first: ids.next(at: now))
        if !batch.messages.isEmpty {
            var seen: Set<TaskID> = []
            var messages = batch.messages.filter { seen.insert($0.id).inserted }
            if batch.isReplay {
                let known = try await store.known(messages.map(\.id))
                messages.removeAll { known.contains($0.id) }
            }
            let unreadable = try await insert(messages, now)
            if !unreadable.isEmpty {
                try await store.quarantine(unreadable)
                progress.quarantined(unreadable.count)
                metrics.tasksQuarantined.add(unreadable.count)
                logger.error(
                    "messages of \(source.key) are in quarantine: \(unreadable[0].reason)",
                    metadata: ["count": "\(unreadable.count)"])
            }
            try await source.acknowledge(batch.messages.count, as: incarnation)
        }
        progress.moved(batch.messages.count, isLast: batch.isLast, at: clock.time.now())
        return batch.messages.count
    }

    /// - Returns: those that cannot become tasks.
    private func insert(_ messages: [TakenMessage], _ now: Timestamp) async throws -> [QuarantinedMessage] {
        var reads: [(id: TaskID, task: BufferedTask)] = []
        var unreadable: [QuarantinedMessage] = []
        for message in messages {
            do throws(UnreadableMessage) {
                reads.append((message.id, try read(message, now)))
            } catch {
                unreadable.append(
                    QuarantinedMessage(message, source: source.key, reason: error.reason, receivedAt: now))
            }
        }
        var accepted: [AcceptedTask] = []
        for read in reads {
            let queueID = try await store.queueID(read.task.task.queue)
            accepted.append(
                AcceptedTask(
                    id: read.id, task: read.task.task, queueID: queueID, createdAt: read.task.createdAt,
                    place: placer.place(read.task.task.planTime, queue: queueID, now: now)))
        }
        let refused = try await insert(accepted[...], now)
        for message in messages {
            guard let reason = refused[message.id] else { continue }
            unreadable.append(QuarantinedMessage(message, source: source.key, reason: reason, receivedAt: now))
        }
        return unreadable
    }

    private func read(_ message: TakenMessage, _ now: Timestamp) throws(UnreadableMessage) -> BufferedTask {
        switch message.content {
        case .message(let bytes, let score): return try reader.task(of: bytes, score: score, now: now)
        case .oversized(let bytes):
            throw UnreadableMessage(
                "has \(bytes) bytes; at most \(limits.messageBytes) are accepted: it is in \(source.key):oversized")
        case .foreign: throw UnreadableMessage("was not put there by schedulerd")
        }
    }

    /// - Returns: why the database refuses some, by their ids. One bad value does not hold up the others.
    private func insert(_ tasks: ArraySlice<AcceptedTask>, _ now: Timestamp) async throws -> [TaskID: String] {
        if tasks.isEmpty { return [:] }
        do {
            try await store.insert(Array(tasks), now: now)
            placer.committed(tasks.map(\.placement))
            metrics.tasksAccepted.add(tasks.count, "source")
            return [:]
        } catch let error as MySQLError where error.isValueRefused {
            if tasks.count == 1 { return [tasks.first!.id: "is refused by the database: \(error.message)"] }
            let middle = tasks.startIndex + tasks.count / 2
            let first = try await insert(tasks[..<middle], now)
            return try await first.merging(insert(tasks[middle...], now)) { one, _ in one }
        }
    }
}

/// How far the drain of a source is, in this process.
package final class SourceProgress: Sendable {
    private struct State {
        var moved = 0
        var unreadable = 0
        var emptyAt: ContinuousClock.Instant?
        var problem: String?
    }

    private let state = Mutex(State())

    package init() {}

    func moved(_ count: Int, isLast: Bool, at now: ContinuousClock.Instant) {
        state.withLock { state in
            state.moved += count
            state.problem = nil
            if isLast { state.emptyAt = now }
        }
    }

    func quarantined(_ count: Int) {
        state.withLock { $0.unreadable += count }
    }

    /// - Returns: whether this is news.
    func failed(_ problem: String) -> Bool {
        state.withLock { state in
            defer { state.problem = problem }
            return state.problem != problem
        }
    }

    /// Messages moved since the start.
    package var moved: Int { state.withLock { $0.moved } }
    /// Those of them that are in quarantine.
    package var unreadable: Int { state.withLock { $0.unreadable } }
    /// What keeps it from moving messages now.
    package var problem: String? { state.withLock { $0.problem } }

    /// How long ago the source was seen empty; what waits there waits no longer. nil: never yet.
    package func lag(at now: ContinuousClock.Instant) -> Duration? {
        state.withLock { $0.emptyAt?.duration(to: now) }
    }
}
