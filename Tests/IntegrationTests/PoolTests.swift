import Dispatch
import MySQL
import TestSupport
import Testing
import ThreadPool

@Suite struct PoolTests {
    static func with<T>(_ limits: ConnectionPool.Limits, _ body: (ConnectionPool) async throws -> T) async throws -> T {
        let pool = ConnectionPool(try TestDatabase.server(), limits)
        do {
            let value = try await body(pool)
            try await onThread { pool.close() }
            return value
        } catch {
            try await onThread { pool.close() }
            throw error
        }
    }

    static func id(_ pool: ConnectionPool) async throws -> Int {
        try await pool.withConnection { try $0.run("SELECT CONNECTION_ID()").rows[0].integer(0) }
    }

    @Test func connectionsAreKept() async throws {
        try await Self.with(.init(connections: 1)) { pool in
            let first = try await Self.id(pool)
            for _ in 0..<20 { #expect(try await Self.id(pool) == first) }
        }
    }

    @Test func anErrorOfTheBodyKeepsTheConnection() async throws {
        try await Self.with(.init(connections: 1)) { pool in
            let first = try await Self.id(pool)
            await #expect(throws: MySQLError.self) {
                try await pool.withConnection { _ = try $0.run("SELECT nonsense") }
            }
            await #expect(throws: TransactionTests.Stop.self) {
                try await pool.withConnection { _ in throw TransactionTests.Stop() }
            }
            #expect(try await Self.id(pool) == first)
        }
    }

    /// A server that was restarted costs one error, not one for each connection.
    @Test func oneLossHasTheOthersLookedAt() async throws {
        try await Self.with(.init(connections: 4)) { pool in
            let all = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await pool.withConnection {
                            try $0.run("SELECT CONNECTION_ID() FROM (SELECT SLEEP(0.2)) s").rows[0].integer(0)
                        }
                    }
                }
                return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            try #require(all.count == 4)
            let server = try Connection(TestDatabase.server())
            for id in all { try server.run(text: "KILL \(id)") }
            let left: Query = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID IN \(list: Array(all))"
            try await eventually { try server.run(left).rows[0].integer(0) == 0 }
            var errors: [any Error] = []
            for _ in 0..<40 {
                do {
                    let id = try await Self.id(pool)
                    #expect(!all.contains(id))
                } catch {
                    errors.append(error)
                }
            }
            #expect(errors.count == 1, "\(errors)")
        }
    }

    @Test func aKilledConnectionIsReplaced() async throws {
        try await Self.with(.init(connections: 1)) { pool in
            let first = try await Self.id(pool)
            try Connection(TestDatabase.server()).run(text: "KILL \(first)")
            var seen: MySQLError?
            try await eventually {
                do {
                    _ = try await Self.id(pool)
                } catch let error as MySQLError {
                    seen = error
                }
                return seen != nil
            }
            #expect(seen?.losesConnection == true)
            #expect(seen?.remedy == .reconnect)
            #expect(try await Self.id(pool) != first)
        }
    }

    @Test func aKillInATransactionRollsItBack() async throws {
        try await TransactionTests.withTable { database, observer in
            let pool = ConnectionPool(database.options, .init(connections: 1))
            let options = database.options
            let error = await #expect(throws: MySQLError.self) {
                try await pool.withConnection { connection in
                    try connection.transaction { connection in
                        try connection.run("UPDATE counters SET n = 9 WHERE id = 1")
                        let id = try connection.run("SELECT CONNECTION_ID()").rows[0].integer(0)
                        try Connection(options).run(text: "KILL \(id)")
                        // More than one, should the first be on its way before the kill is.
                        for _ in 0..<1000 { try connection.run("SELECT SLEEP(0.01)") }
                    }
                }
            }
            #expect(error?.losesConnection == true)
            try await eventually {
                try observer.run("SELECT n FROM counters WHERE id = 1 FOR UPDATE SKIP LOCKED").rows.first?.integer(0)
                    == 0
            }
            #expect(try await Self.id(pool) > 0)
            try await onThread { pool.close() }
        }
    }

    @Test func anOldConnectionIsReplaced() async throws {
        try await Self.with(.init(connections: 1, lifetime: .nanoseconds(1))) { pool in
            let first = try await Self.id(pool)
            #expect(try await Self.id(pool) != first)
        }
    }

    /// Keeps the pool's only connection busy while `body` runs.
    static func whileBusy(_ pool: ConnectionPool, _ body: () async throws -> Void) async throws {
        let isBusy = Counter()
        let release = DispatchSemaphore(value: 0)
        async let sleeper: Void = pool.withConnection { _ in
            isBusy.add()
            release.wait()
        }
        try await eventually { isBusy.value > 0 }
        do {
            try await body()
            release.signal()
        } catch {
            release.signal()
            throw error
        }
        try await sleeper
    }

    @Test func waitingIsBoundedInTimeAndNumber() async throws {
        try await Self.with(.init(connections: 1, waiting: 2, waitTimeout: .seconds(1))) { pool in
            try await Self.whileBusy(pool) {
                let codes = await withTaskGroup(of: MySQLError.Code?.self) { group in
                    for _ in 0..<6 {
                        group.addTask {
                            do {
                                _ = try await Self.id(pool)
                                return nil
                            } catch {
                                return (error as? MySQLError)?.code
                            }
                        }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                #expect(codes.count { $0 == .poolTimeout } == 2)
                #expect(codes.count { $0 == .poolFull } == 4)
            }
            #expect(try await Self.id(pool) > 0)
        }
    }

    @Test func aWaiterIsServedWhenAConnectionComesFree() async throws {
        try await Self.with(.init(connections: 1)) { pool in
            var waiter: Task<Int, any Error>?
            try await Self.whileBusy(pool) {
                waiter = Task { try await Self.id(pool) }
            }
            #expect(try await waiter?.value ?? 0 > 0)
        }
    }

    @Test func closeLetsWorkFinishAndRefusesMore() async throws {
        let pool = ConnectionPool(try TestDatabase.server(), .init(connections: 1))
        let isBusy = Counter()
        let isFinished = Counter()
        let release = DispatchSemaphore(value: 0)
        async let work: Int = pool.withConnection { connection in
            isBusy.add()
            release.wait()
            let number = try connection.run("SELECT 5").rows[0].integer(0)
            isFinished.add()
            return number
        }
        try await eventually { isBusy.value > 0 }
        async let wasFinished: Bool = onThread {
            pool.close()
            return isFinished.value > 0
        }
        // Refused as soon as it is closing, though work still runs; what was let in before that waits its turn.
        let refused = Counter()
        async let asking: Void = {
            while refused.value == 0 {
                do {
                    try await pool.withConnection { _ in }
                } catch {
                    #expect((error as? MySQLError)?.code == .poolClosed)
                    refused.add()
                }
            }
        }()
        release.signal()
        #expect(try await work == 5)
        #expect(try await wasFinished)
        await asking
    }

    @Test func aServerThatIsAwayIsSaidToEveryCaller() async throws {
        var options = try TestDatabase.server()
        options.socket = "/nowhere/db.sock"
        let pool = ConnectionPool(options, .init(connections: 2))
        for _ in 0..<5 {
            let error = await #expect(throws: MySQLError.self) { _ = try await Self.id(pool) }
            #expect(error?.code == .cannotConnectSocket)
        }
        try await onThread { pool.close() }
    }
}
