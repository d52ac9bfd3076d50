package import Logging
import MySQL

/// Where accepted tasks wait while the database is away.
///
/// A task leaves it only after it is committed: what an instance takes lies in a list of its own until it says so, and
/// what a dead instance took comes back.
package protocol IntakeBuffer: Sendable {
    func put(_ tasks: [BufferedTask]) async throws
    /// The next tasks, in order; those that this incarnation took before and did not acknowledge come first.
    func take(_ limit: Int, as incarnation: UInt64) async throws -> [BufferedTask]
    /// Removes what was taken last.
    func acknowledge(_ count: Int, as incarnation: UInt64) async throws
    /// Incarnations that took some, and may have some left.
    func takers() async throws -> Set<UInt64>
    /// Puts back what an incarnation took and did not acknowledge.
    func putBack(_ incarnation: UInt64) async throws
    /// Why what is put there may be lost, for the log. nil: it may not.
    func weakness() async throws -> String?
}

/// Moves buffered tasks into the database when it is there.
package struct BufferDrain: Sendable {
    private let buffer: any IntakeBuffer
    private let store: any TaskStore
    private let placer: Placer
    private let clock: ClusterClock
    private let incarnation: UInt64
    private let batch: Int
    private let logger: Logger

    private static let interval: Duration = .seconds(1)

    package init(
        buffer: any IntakeBuffer, store: any TaskStore, placer: Placer, clock: ClusterClock, incarnation: UInt64,
        batch: Int, logger: Logger
    ) {
        self.buffer = buffer
        self.store = store
        self.placer = placer
        self.clock = clock
        self.incarnation = incarnation
        self.batch = batch
        self.logger = logger
    }

    /// Runs until it is cancelled.
    package func run() async {
        var backoff = Backoff()
        await warn()
        while !Task.isCancelled {
            do {
                try await recover()
                while try await moveBatch() > 0 {}
                backoff.reset()
                try await clock.time.sleep(for: Self.interval)
            } catch {
                if Task.isCancelled { return }
                logger.warning("buffered tasks wait: \(error)")
                await backoff.pause(clock.time)
            }
        }
    }

    private func warn() async {
        do {
            if let weakness = try await buffer.weakness() { logger.warning("Redis: \(weakness)") }
        } catch {
            logger.warning("the intake buffer cannot be reached: \(error)")
        }
    }

    /// What others took goes back when they have ended; the database is asked only when there are others.
    private func recover() async throws {
        let others = try await buffer.takers().subtracting([incarnation])
        if others.isEmpty { return }
        for dead in others.subtracting(try await store.aliveIncarnations()) { try await buffer.putBack(dead) }
    }

    private func moveBatch() async throws -> Int {
        let tasks = try await buffer.take(batch, as: incarnation)
        if tasks.isEmpty { return 0 }
        let known = try await store.known(tasks.map(\.id))
        let now = clock.now()
        var new: [AcceptedTask] = []
        for task in tasks where !known.contains(task.id) {
            new.append(
                AcceptedTask(
                    id: task.id, task: task.task, queueID: try await store.queueID(task.task.queue),
                    createdAt: task.createdAt, place: placer.place(task.task.planTime, now: now)))
        }
        if !new.isEmpty {
            try await store.insert(new, now: now)
            placer.committed(new.map(\.placement))
        }
        try await buffer.acknowledge(tasks.count, as: incarnation)
        logger.notice("buffered tasks are in the database", metadata: ["count": "\(new.count)"])
        return tasks.count
    }
}
