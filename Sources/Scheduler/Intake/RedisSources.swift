import Logging
import MySQL
import Redis
import Synchronization
import ThreadPool

/// The keys of Redis that this process takes messages from, on whichever servers they are.
final class RedisSources: Sendable {
    /// Takes what the database does not, when it is configured.
    let buffer: RedisSource?
    /// What is drained: the configured sources, and the buffer.
    let set: SourceSet
    /// Given when there are other fail lists.
    let failListsChanged = Signal()
    private let drainedBuffer: DrainedSource?
    private let state: Mutex<State>

    private struct State {
        /// Kept to the end, for a server may be configured again.
        var servers: [(options: Redis.ConnectionOptions, pool: Redis.ConnectionPool)] = []
        var failLists: [FailList] = []

        mutating func pool(_ options: Redis.ConnectionOptions, connections: Int) -> Redis.ConnectionPool {
            if let known = servers.first(where: { $0.options == options }) { return known.pool }
            let pool = Redis.ConnectionPool(options, .init(connections: connections))
            servers.append((options, pool))
            return pool
        }
    }

    private static let pollMax: Duration = .milliseconds(200)
    private static let bufferPollMax: Duration = .seconds(1)

    init(_ configuration: Configuration) {
        var state = State()
        switch configuration.intake.buffer {
        case .off: (buffer, drainedBuffer) = (nil, nil)
        case .redis:
            // Producers wait for it.
            var options = configuration.redis.options
            (options.connectTimeout, options.commandTimeout) = (.seconds(3), .seconds(3))
            let pool = state.pool(options, connections: configuration.redis.maxOpenConnections)
            let source = RedisSource(pool, key: configuration.intake.bufferKey, kind: .buffer)
            buffer = source
            // A body is in it as base64, and was measured when it was accepted.
            let limits = TakeLimits(count: configuration.intake.batch, messageBytes: .max)
            drainedBuffer = DrainedSource(
                source, reader: BufferReader(), limits: limits, pollMax: Self.bufferPollMax)
        }
        self.state = Mutex(state)
        set = SourceSet()
        update(configuration)
    }

    /// Drains the sources of another configuration from now on, by its rules. What was taken from a source that is no
    /// longer among them, and is not in the database yet, stays in Redis until it is again.
    func update(_ configuration: Configuration) {
        let limits = TakeLimits(configuration)
        let known = set.all
        let isIntake = configuration.roles.contains(.intake)
        let sources = state.withLock { state in
            state.failLists = []
            return (isIntake ? configuration.intake.sources : []).map { source in
                let pool = state.pool(source.redis.options, connections: source.redis.maxOpenConnections)
                let (kind, reader): (RedisSource.Kind, any SourceReader) =
                    switch source.kind {
                    case .list: (.list, ListReader(source, configuration))
                    case .sortedSet: (.sortedSet, SortedSetReader(source, configuration))
                    }
                if let list = source.failKey {
                    state.failLists.append(FailList(pool, source: source.key, queue: source.queue, list: list))
                }
                let before = known.first { $0.source.isSame(key: source.key, pool) }
                return DrainedSource(
                    RedisSource(pool, key: source.key, kind: kind), reader: reader, limits: limits,
                    pollMax: Self.pollMax, progress: before?.progress ?? SourceProgress())
            }
        }
        set.replace(with: [drainedBuffer].compactMap(\.self) + sources)
        failListsChanged.notify()
    }

    var failLists: [FailList] { state.withLock { $0.failLists } }

    func close() {
        for server in state.withLock({ $0.servers }) { server.pool.close() }
    }

    /// Says it when Redis may lose what the buffer is given.
    func warn(_ logger: Logger) async {
        guard let buffer else { return }
        do {
            if let weakness = try await buffer.weakness() { logger.warning("Redis: \(weakness)") }
        } catch {
            logger.warning("the intake buffer cannot be reached: \(error)")
        }
    }

    func statuses(now: ContinuousClock.Instant) async -> [SourceStatus] {
        var statuses: [SourceStatus] = []
        for drained in set.all {
            let depth: Int?
            let problem: String?
            do {
                (depth, problem) = (try await drained.source.depth(), drained.progress.problem)
            } catch {
                (depth, problem) = (nil, "\(error)")
            }
            statuses.append(
                SourceStatus(
                    key: drained.source.key, kind: drained.source.kind.rawValue, depth: depth,
                    moved: drained.progress.moved, lag: drained.progress.lag(at: now), problem: problem))
        }
        return statuses
    }

    /// The task of a message in quarantine.
    func task(of message: QuarantinedMessage, now: Timestamp) throws -> BufferedTask {
        guard let source = set.all.first(where: { $0.source.key == message.source }) else {
            throw ValidationError([
                FieldProblem("source", "\(message.source) is not among the sources of this instance")
            ])
        }
        guard let bytes = message.message else {
            throw ValidationError([
                FieldProblem("message", "is too long; it is in \(message.source):oversized of Redis")
            ])
        }
        do throws(UnreadableMessage) {
            return try source.reader.task(of: bytes, score: message.score, now: now)
        } catch {
            throw ValidationError([FieldProblem("message", error.reason)])
        }
    }
}

extension TakeLimits {
    /// What a message has beside the body of the call.
    private static let envelope = 64 << 10

    /// For messages of producers.
    package init(_ configuration: Configuration) {
        self.init(count: configuration.intake.batch, messageBytes: configuration.server.maxBodyBytes + Self.envelope)
    }
}

/// A key of Redis that messages are taken from.
public struct SourceStatus: Sendable, Equatable {
    public var key: String
    /// `list`, `sorted_set` or `buffer`.
    public var kind: String
    /// Messages that wait, those being moved included; nil: Redis does not answer.
    public var depth: Int?
    /// Messages that this instance has moved since its start.
    public var moved: Int
    /// How long ago this instance saw the key empty: nothing waits there for longer. nil: not since its start.
    public var lag: Duration?
    /// What keeps this instance from moving messages now.
    public var problem: String?
}
