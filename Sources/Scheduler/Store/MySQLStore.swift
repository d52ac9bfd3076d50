package import MySQL
import Synchronization
import ThreadPool

/// Every SQL statement of the engine: transactions, no decisions.
///
/// Three pools: a flood of requests never keeps the engine from its outcomes, and nothing keeps it from its lease.
package final class MySQLStore: TaskStore {
    package let tables: Tables
    let options: ConnectionOptions
    /// For the lease and the clock. It gives up early: an answer that comes when the lease is over is of no use.
    package let pulse: ConnectionPool
    /// For claims, starts and outcomes.
    package let engine: ConnectionPool
    /// For what producers and people ask for.
    package let front: ConnectionPool
    /// For what they look at; nil: that is read as everything else.
    let replica: ConnectionPool?
    private let queues = Mutex<[String: Int]>([:])
    private let queueNames = Mutex<[Int: String]>([:])

    /// Connections of the engine: one for the lease, one each for the loops that claim, start, record and recover.
    package static let engineConnections = 5

    /// - Parameters:
    ///   - lease: how long an incarnation's lease is.
    ///   - metrics: told how connections are used.
    ///   - replica: where `ReadSource.replica` is read.
    package init(
        _ options: ConnectionOptions, prefix: String, connections: Int, lifetime: Duration, lease: Duration,
        metrics: EngineMetrics = EngineMetrics(), replica: Replica? = nil
    ) {
        tables = Tables(prefix: prefix)
        self.options = options
        var impatient = options
        impatient.connectTimeout = min(options.connectTimeout, max(.seconds(1), lease / 4))
        impatient.readTimeout = min(options.readTimeout, max(.seconds(1), lease / 4))
        impatient.writeTimeout = min(options.writeTimeout, max(.seconds(1), lease / 4))
        impatient.lockWait = min(options.lockWait, impatient.readTimeout)
        func pool(_ name: String, _ options: ConnectionOptions, _ limits: ConnectionPool.Limits) -> ConnectionPool {
            let (wait, hold) = (metrics.poolWait.recorder(name), metrics.poolHold.recorder(name))
            return ConnectionPool(
                options, limits,
                onUse: { waited, held in
                    wait(waited)
                    hold(held)
                }, onRetry: { metrics.transactionRetries.add(1, "\($0.rawValue)") })
        }
        pulse = pool("pulse", impatient, .init(connections: 1, waitTimeout: lease, lifetime: lifetime))
        engine = pool(
            "engine", options,
            .init(connections: Self.engineConnections - 1, waitTimeout: .seconds(10), lifetime: lifetime))
        front = pool(
            "front", options,
            .init(
                connections: max(2, connections - Self.engineConnections), waitTimeout: .seconds(5), lifetime: lifetime)
        )
        self.replica = replica.map { pool("replica", $0.options, $0.limits) }
    }

    package func close() {
        replica?.close()
        front.close()
        engine.close()
        pulse.close()
    }

    /// Ends what producers and people wait for.
    package func interruptRequests() {
        front.interrupt()
        replica?.interrupt()
    }

    /// Ends whatever waits for the database.
    package func interrupt() {
        for pool in [front, engine, pulse] + [replica].compactMap({ $0 }) { pool.interrupt() }
    }

    // MARK: Queues

    /// The queue's number; made when it is first named. Numbers never change, so they are kept in memory.
    package func queueID(_ name: String) async throws -> Int {
        if let known = queues.withLock({ $0[name] }) { return known }
        let id = try await front.retrying { connection in try self.queueID(name, connection) }
        remember(name, id)
        return id
    }

    /// The same within a transaction, which may not come to its end: it is not kept in memory.
    func queueID(_ name: String, _ connection: Connection) throws(MySQLError) -> Int {
        if let known = queues.withLock({ $0[name] }) { return known }
        let find: Query = "SELECT id, deleted_at IS NULL FROM \(tables.queues) WHERE name = \(name)"
        if let row = try connection.run(find).rows.first {
            if try row.integer(1) == 0 {
                try connection.run("UPDATE \(tables.queues) SET deleted_at = NULL WHERE name = \(name)")
            }
            return try row.integer(0)
        }
        do throws(MySQLError) {
            let insert: Query = "INSERT INTO \(tables.queues) (name, created_at) VALUES (\(name), UTC_TIMESTAMP(6))"
            return Int(try connection.run(insert).lastInsertID)
        } catch {
            guard error.code == .duplicateKey else { throw error }
            // Another instance made it in between.
            return try connection.run(find).rows[0].integer(0)
        }
    }

    /// The names of queues by number, read again when one is met that is not known yet.
    func queueName(_ id: Int, _ connection: Connection) throws -> String {
        if let known = queueNames.withLock({ $0[id] }) { return known }
        let rows = try connection.run("SELECT name FROM \(tables.queues) WHERE id = \(id)").rows
        let name = try rows.first?.text(0) ?? "#\(id)"
        remember(name, id)
        return name
    }

    func remember(_ name: String, _ id: Int) {
        queues.withLock { $0[name] = id }
        queueNames.withLock { $0[id] = name }
    }
}
