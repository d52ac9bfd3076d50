import Dispatch
import MySQL
import TestSupport
import Testing
import ThreadPool

@Suite struct TransactionTests {
    static func withTable<T>(_ body: (TestDatabase, Connection) async throws -> T) async throws -> T {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            try connection.run(text: "CREATE TABLE counters (id INT PRIMARY KEY, n INT NOT NULL) ENGINE = InnoDB")
            try connection.run("INSERT INTO counters VALUES (1, 0), (2, 0)")
            return try await body(database, connection)
        }
    }

    static func numbers(_ connection: Connection) throws -> [Int] {
        try connection.run("SELECT n FROM counters ORDER BY id").rows.map { try $0.integer(0) }
    }

    struct Stop: Error {}

    @Test func whatAnErrorLeavesIsRolledBack() async throws {
        try await Self.withTable { database, observer in
            let connection = try database.connect()
            #expect(throws: Stop.self) {
                try connection.transaction { connection in
                    try connection.run("UPDATE counters SET n = 7 WHERE id = 1")
                    throw Stop()
                }
            }
            #expect(try Self.numbers(observer) == [0, 0])
            try connection.transaction { connection in
                try connection.run("UPDATE counters SET n = 7 WHERE id = 1")
                #expect(try Self.numbers(observer) == [0, 0])
            }
            #expect(try Self.numbers(observer) == [7, 0])
        }
    }

    @Test func aScriptEndsAtTheFirstStatementThatFails() async throws {
        try await Self.withTable { database, observer in
            let connection = try database.connect()
            var script = Script()
            script.statement("START TRANSACTION")
            script.statement("UPDATE counters SET n = 1 WHERE id = 1")
            script.statement("INSERT INTO counters VALUES (2, 5)")
            script.statement("UPDATE counters SET n = 9 WHERE id = 2")
            script.statement("COMMIT")
            let error = #expect(throws: MySQLError.self) { try connection.run(script) }
            #expect(error?.code == .duplicateKey)
            connection.rollback()
            #expect(try Self.numbers(observer) == [0, 0])
            // The connection is as good as before.
            #expect(try Self.numbers(connection) == [0, 0])
        }
    }

    @Test func duplicateKeysAreSaidByBothProtocols() async throws {
        try await Self.withTable { _, connection in
            let prepared = #expect(throws: MySQLError.self) { try connection.run("INSERT INTO counters VALUES (1, 1)") }
            #expect(prepared?.code == .duplicateKey)
            var script = Script()
            script.statement("INSERT INTO counters VALUES (2, 1)")
            let scripted = #expect(throws: MySQLError.self) { try connection.run(script) }
            #expect(scripted?.code == .duplicateKey)
            #expect(scripted?.remedy == MySQLError.Remedy.none)
        }
    }

    /// Locks the two rows in opposite order on two pools; each waits for the other's first lock.
    static func cross(
        _ database: TestDatabase,
        _ run:
            @escaping @Sendable (ConnectionPool, @escaping @Sendable (Connection) throws -> Void) async throws -> Void
    ) async throws -> (errors: [MySQLError], retried: Int) {
        let pools = [1, 2].map { _ in ConnectionPool(database.options, .init(connections: 1)) }
        let locked = [DispatchSemaphore(value: 0), DispatchSemaphore(value: 0)]
        let meetings = Counter()
        let errors = try await withThrowingTaskGroup(of: MySQLError?.self) { group in
            for side in 0...1 {
                group.addTask {
                    do {
                        try await run(pools[side]) { connection in
                            try connection.run("UPDATE counters SET n = n + 1 WHERE id = \(side + 1)")
                            if meetings.add() <= 2 {
                                locked[side].signal()
                                locked[1 - side].wait()
                            }
                            try connection.run("UPDATE counters SET n = n + 1 WHERE id = \(2 - side)")
                        }
                        return nil
                    } catch let error as MySQLError {
                        return error
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }.compactMap { $0 }
        }
        let retried = pools.reduce(0) { $0 + $1.retriedTransactions }
        try await onThread { for pool in pools { pool.close() } }
        return (errors, retried)
    }

    @Test func aDeadlockIsSaid() async throws {
        try await Self.withTable { database, connection in
            let (errors, _) = try await Self.cross(database) { pool, body in
                try await pool.withConnection { try $0.transaction(body) }
            }
            #expect(errors.map(\.code) == [.deadlock])
            #expect(errors.first?.remedy == .retryTransaction)
            #expect(errors.first?.losesConnection == false)
            #expect(try Self.numbers(connection) == [1, 1])
        }
    }

    @Test func aDeadlockIsRunAgain() async throws {
        try await Self.withTable { database, connection in
            let (errors, retried) = try await Self.cross(database) { pool, body in
                try await pool.withTransaction(body)
            }
            #expect(errors.isEmpty)
            #expect(retried >= 1)
            #expect(try Self.numbers(connection) == [2, 2])
        }
    }

    @Test func aLockWaitIsBounded() async throws {
        try await Self.withTable { database, connection in
            var options = database.options
            options.lockWait = .seconds(1)
            let (other, query) = (options, "UPDATE counters SET n = 5 WHERE id = 1" as Query)
            try connection.run(text: "START TRANSACTION")
            try connection.run("UPDATE counters SET n = 4 WHERE id = 1")
            let error = await #expect(throws: MySQLError.self) {
                try await onThread { _ = try Connection(other).run(query) }
            }
            #expect(error?.code == .lockWaitTimeout)
            #expect(error?.remedy == .retryTransaction)
            connection.rollback()
        }
    }
}
