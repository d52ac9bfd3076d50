package import ThreadPool

/// A fixed number of threads, each with a connection of its own, opened when first needed.
///
/// A closure runs from start to finish on one thread. Waiting is bounded in time and in number: a caller that cannot be
/// served gets `poolTimeout` or `poolFull`.
package final class ConnectionPool: Sendable {
    package typealias Limits = PoolLimits

    private let threads: ThreadPool<Connection>

    package init(_ options: ConnectionOptions, _ limits: Limits) {
        threads = ThreadPool(options, limits)
    }

    /// Lends a connection to `body`, on a thread of the pool.
    /// - Throws: what `body` throws, or a `RedisError` when no connection can be had in time.
    package func withConnection<T: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> T
    ) async throws -> T {
        try await threads.withResource(body)
    }

    /// Refuses new work, lets what was accepted finish or time out, and closes the connections. Blocks until then.
    package func close() {
        threads.close()
    }
}

extension Connection: PooledResource {
    /// How long a connection may lie unused before the server is asked whether it is still there.
    private static let idleBeforePing: Duration = .seconds(60)

    package func isUsable(afterIdle idle: Duration, isInDoubt: Bool) -> Bool {
        isOpen && ((idle <= Self.idleBeforePing && !isInDoubt) || ping())
    }
}

extension RedisError: PoolFailure {
    package init(_ refusal: PoolRefusal) {
        switch refusal {
        case .timeout: self.init(.poolTimeout, "no Redis connection came free in time")
        case .full(let waiting): self.init(.poolFull, "\(waiting) callers wait for a Redis connection already")
        case .closed: self.init(.poolClosed, "the Redis connection pool is closed")
        }
    }
}
