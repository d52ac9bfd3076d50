import Logging
import MySQL
import Redis
import ThreadPool

/// The keys of Redis that this process takes messages from, on whichever servers they are.
final class RedisSources: Sendable {
    /// Takes what the database does not, when it is configured.
    let buffer: RedisSource?
    let sources: [DrainedSource]
    let failLists: [FailList]
    private let pools: [Redis.ConnectionPool]

    private static let pollMax: Duration = .milliseconds(200)
    private static let bufferPollMax: Duration = .seconds(1)

    init(_ configuration: Configuration) {
        var servers: [(options: Redis.ConnectionOptions, pool: Redis.ConnectionPool)] = []
        func pool(_ options: Redis.ConnectionOptions) -> Redis.ConnectionPool {
            if let known = servers.first(where: { $0.options == options }) { return known.pool }
            let pool = Redis.ConnectionPool(options, .init(connections: configuration.redis.maxOpenConnections))
            servers.append((options, pool))
            return pool
        }
        let limits = TakeLimits(configuration)
        var sources: [DrainedSource] = []
        var buffer: RedisSource?
        var failLists: [FailList] = []
        if configuration.intake.buffer == .redis {
            // Producers wait for it.
            var options = configuration.redis.options
            (options.connectTimeout, options.commandTimeout) = (.seconds(3), .seconds(3))
            let source = RedisSource(pool(options), key: configuration.intake.bufferKey, kind: .buffer)
            // A body is in it as base64, and was measured when it was accepted.
            let limits = TakeLimits(count: configuration.intake.batch, messageBytes: .max)
            sources.append(
                DrainedSource(source, reader: BufferReader(), limits: limits, pollMax: Self.bufferPollMax))
            buffer = source
        }
        if configuration.roles.contains(.intake) {
            for source in configuration.intake.sources {
                let (kind, reader): (RedisSource.Kind, any SourceReader) =
                    switch source.kind {
                    case .list: (.list, ListReader(source, configuration))
                    case .sortedSet: (.sortedSet, SortedSetReader(source, configuration))
                    }
                sources.append(
                    DrainedSource(
                        RedisSource(pool(source.redis.options), key: source.key, kind: kind), reader: reader,
                        limits: limits, pollMax: Self.pollMax))
                if let list = source.failKey {
                    failLists.append(
                        FailList(pool(source.redis.options), source: source.key, queue: source.queue, list: list))
                }
            }
        }
        self.buffer = buffer
        self.sources = sources
        self.failLists = failLists
        pools = servers.map(\.pool)
    }

    func close() {
        for pool in pools { pool.close() }
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
        for drained in sources {
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
        guard let source = sources.first(where: { $0.source.key == message.source }) else {
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
