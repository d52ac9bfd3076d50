import Synchronization

/// A fixed number of threads, each with a connection of its own, opened when first needed.
///
/// A closure runs from start to finish on one thread, so no transaction is ever suspended half-way. Waiting is bounded
/// in time and in number: a caller that cannot be served gets `poolTimeout` or `poolFull`.
package final class ConnectionPool: Sendable {
    package struct Limits: Sendable {
        package var connections: Int
        /// Callers that may wait at once.
        package var waiting: Int
        package var waitTimeout: Duration
        /// A connection older than this is closed before its next use; zero: never.
        package var lifetime: Duration

        package init(
            connections: Int, waiting: Int = 1000, waitTimeout: Duration = .seconds(5), lifetime: Duration = .zero
        ) {
            self.connections = connections
            self.waiting = waiting
            self.waitTimeout = waitTimeout
            self.lifetime = lifetime
        }
    }

    private let options: ConnectionOptions
    private let limits: Limits
    private let queue: JobQueue
    private let threads: [WorkerThread]

    /// How long a connection may lie unused before it is asked whether it still lives.
    private static let idleBeforePing: Duration = .seconds(60)

    package init(_ options: ConnectionOptions, _ limits: Limits) {
        self.options = options
        self.limits = limits
        let queue = JobQueue(limit: limits.waiting)
        self.queue = queue
        let losses = Losses()
        var threads = (0..<limits.connections).map { _ in
            WorkerThread { Self.work(queue, options, limits, losses) }
        }
        threads.append(WorkerThread { queue.expireUntilClosed() })
        self.threads = threads
    }

    /// Lends a connection to `body`, on a thread of the pool.
    /// - Throws: what `body` throws, or a `MySQLError` when no connection can be had in time.
    package func withConnection<T: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> T
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            queue.push(
                Job(deadline: ContinuousClock.now.advanced(by: limits.waitTimeout)) { attempt in
                    switch attempt {
                    case .refused(let error): continuation.resume(throwing: error)
                    case .lent(let connection):
                        do {
                            continuation.resume(returning: try body(connection))
                            return nil
                        } catch {
                            continuation.resume(throwing: error)
                            return error
                        }
                    }
                    return nil
                })
        }
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
                try await Task.sleep(for: .microseconds(Int.random(in: 200...(2000 * attempt))))
            }
        }
        preconditionFailure("the loop ends by return or throw")
    }

    /// Transactions run again after a deadlock or a lock wait, since the start.
    package var retriedTransactions: Int { transactionRetries.load(ordering: .relaxed) }
    private let transactionRetries = Atomic<Int>(0)

    /// Refuses new work, lets what runs finish, and closes the connections.
    package func close() {
        queue.close()
        for thread in threads { thread.join() }
    }

    /// Counts lost connections. When one is lost the others may be too, and each would cost its next caller an error.
    private final class Losses: Sendable {
        let count = Atomic<Int>(0)
    }

    private static func work(_ queue: JobQueue, _ options: ConnectionOptions, _ limits: Limits, _ losses: Losses) {
        var connection: Connection?
        var openedAt = ContinuousClock.now
        var usedAt = openedAt
        var lossesSeen = 0
        while let job = queue.pop() {
            let now = ContinuousClock.now
            let lossesNow = losses.count.load(ordering: .relaxed)
            if let open = connection {
                let isOld = limits.lifetime > .zero && openedAt.duration(to: now) > limits.lifetime
                let isDoubtful = usedAt.duration(to: now) > idleBeforePing || lossesNow != lossesSeen
                if isOld || (isDoubtful && !open.ping()) { connection = nil }
            }
            lossesSeen = lossesNow
            do throws(MySQLError) {
                if connection == nil {
                    connection = try Connection(options)
                    openedAt = now
                }
            } catch {
                _ = job.run(.refused(error))
                continue
            }
            if let failure = job.run(.lent(connection!)) {
                // Any other error is the body's own and says nothing of the session; `transaction` has rolled back.
                if let error = failure as? MySQLError, error.losesConnection {
                    connection = nil
                    losses.count.add(1, ordering: .relaxed)
                }
            }
            usedAt = ContinuousClock.now
        }
    }
}
