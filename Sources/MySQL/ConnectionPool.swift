import Synchronization
package import ThreadPool

/// A fixed number of threads, each with a connection of its own, opened when first needed.
///
/// A closure runs from start to finish on one thread, so no transaction is ever suspended half-way. Waiting is bounded
/// in time and in number: a caller that cannot be served gets `poolTimeout` or `poolFull`.
package final class ConnectionPool: Sendable {
    package typealias Limits = PoolLimits

    private let threads: ThreadPool<Connection>

    private let onRetry: (@Sendable (MySQLError.Code) -> Void)?

    /// - Parameters:
    ///   - onUse: told of each use of a connection.
    ///   - onRetry: told why a transaction is run again.
    package init(
        _ options: ConnectionOptions, _ limits: Limits, onUse: PoolUse? = nil,
        onRetry: (@Sendable (MySQLError.Code) -> Void)? = nil
    ) {
        threads = ThreadPool(options, limits, onUse: onUse)
        self.onRetry = onRetry
    }

    /// Lends a connection to `body`, on a thread of the pool.
    /// - Throws: what `body` throws, or a `MySQLError` when no connection can be had in time.
    package func withConnection<T: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> T
    ) async throws -> T {
        try await threads.withResource(body)
    }

    /// Runs `body` in a transaction and, when the server rolled it back for reasons of others (deadlock, lock wait),
    /// again as a whole after a short random pause.
    package func withTransaction<T: Sendable>(
        attempts: Int = 10, _ body: @escaping @Sendable (Connection) throws -> T
    ) async throws -> T {
        try await retrying(attempts: attempts) { connection in try connection.transaction(body) }
    }

    /// As `withTransaction`, for a body that opens and ends its own transaction.
    package func retrying<T: Sendable>(
        attempts: Int = 10, _ body: @escaping @Sendable (Connection) throws -> T
    ) async throws -> T {
        for attempt in 1... {
            do {
                return try await withConnection(body)
            } catch let error as MySQLError where error.remedy == .retryTransaction && attempt < attempts {
                transactionRetries.add(1, ordering: .relaxed)
                onRetry?(error.code)
                try await Task.sleep(for: .microseconds(Int.random(in: 200...(2000 * attempt))))
            }
        }
        preconditionFailure("the loop ends by return or throw")
    }

    /// Transactions run again after a deadlock or a lock wait, since the start.
    package var retriedTransactions: Int { transactionRetries.load(ordering: .relaxed) }
    private let transactionRetries = Atomic<Int>(0)

    /// Ends what runs, as a lost connection does, and refuses whatever comes: for an end that cannot wait for a server
    /// that hangs.
    package func interrupt() {
        threads.interrupt()
    }

    /// Refuses new work, lets what was accepted finish or time out, and closes the connections. Blocks until then.
    package func close() {
        threads.close()
    }
}

extension Connection: PooledResource {
    /// How long a connection may lie unused before it is asked whether it still lives.
    private static let idleBeforePing: Duration = .seconds(60)

    package func isUsable(afterIdle idle: Duration, isInDoubt: Bool) -> Bool {
        (idle <= Self.idleBeforePing && !isInDoubt) || ping()
    }
}

extension MySQLError: PoolFailure {
    package init(_ refusal: PoolRefusal) {
        switch refusal {
        case .timeout: self.init(.poolTimeout, "no database connection came free in time")
        case .full(let waiting): self.init(.poolFull, "\(waiting) callers wait for a database connection already")
        case .closed: self.init(.poolClosed, "the connection pool is closed")
        }
    }
}
