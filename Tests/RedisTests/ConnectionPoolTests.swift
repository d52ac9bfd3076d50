import Redis
import TestSupport
import Testing
import ThreadPool

@Suite struct ConnectionPoolTests {
    /// Longer than a busy machine keeps a thread waiting.
    private static let patience: Duration = .seconds(90)

    @Test func opensNoMoreConnectionsThanItMay() async throws {
        try await TestRedis.with { server in
            let pool = ConnectionPool(server.options, .init(connections: 3))
            let ids = try await withThrowingTaskGroup(of: Int.self) { tasks in
                for _ in 1...300 {
                    tasks.addTask {
                        try await pool.withConnection { connection in
                            try connection.run(["INCR", "count"])
                            return try connection.run(["CLIENT", "ID"]).asInteger
                        }
                    }
                }
                return try await tasks.reduce(into: Set()) { $0.insert($1) }
            }
            #expect((1...3).contains(ids.count))
            let watcher = try server.connect()
            #expect(try watcher.run(["GET", "count"]).asText == "300")
            pool.close()
            pool.close()
            while try !watcher.run(["INFO", "clients"]).asText.contains("connected_clients:1\r\n") {
                await Task.yield()
            }
        }
    }

    @Test func worksOnAllItsConnectionsAtOnce() async throws {
        try await TestRedis.with(timeout: Self.patience) { server in
            let pool = ConnectionPool(server.options, .init(connections: 3, waitTimeout: Self.patience))
            let watcher = try server.connect()
            try await withThrowingTaskGroup(of: Reply.self) { tasks in
                for _ in 1...4 {
                    tasks.addTask {
                        try await pool.withConnection { connection in try connection.run(["BLPOP", "work", 0]) }
                    }
                }
                while try !watcher.run(["INFO", "clients"]).asText.contains("blocked_clients:3\r\n") {
                    await Task.yield()
                }
                try watcher.run(["RPUSH", "work", 1, 2, 3, 4])
                try await tasks.waitForAll()
            }
            pool.close()
        }
    }

    @Test func refusesByNameWhenTooManyWaitOrForTooLongOrWhenClosed() async throws {
        try await TestRedis.with(timeout: Self.patience) { server in
            let pool = ConnectionPool(server.options, .init(connections: 1, waiting: 1, waitTimeout: .seconds(1)))
            let (started, start) = AsyncStream<Void>.makeStream()
            async let holder = pool.withConnection { connection in
                start.finish()
                return try connection.run(["BLPOP", "end", 0])
            }
            for await _ in started {}
            let codes = await withTaskGroup(of: RedisError.Code?.self) { tasks in
                for _ in 1...2 { tasks.addTask { await refusal(pool) } }
                return await tasks.reduce(into: []) { $0.append($1) }
            }
            #expect(codes == [.poolFull, .poolTimeout])
            try server.connect().run(["RPUSH", "end", "now"])
            #expect(try await holder.asArray.count == 2)
            pool.close()
            #expect(await refusal(pool) == .poolClosed)
        }
    }

    @Test func aConnectionThatTheServerClosedIsNotLent() async throws {
        try await TestRedis.with { server in
            let pool = ConnectionPool(server.options, .init(connections: 1))
            let id = try await pool.withConnection { connection in try connection.run(["CLIENT", "ID"]).asInteger }
            #expect(try server.connect().run(["CLIENT", "KILL", "ID", id]) == .integer(1))
            let next = try await pool.withConnection { connection in try connection.run(["CLIENT", "ID"]).asInteger }
            #expect(next > id)
            pool.close()
        }
    }

    @Test func aFailoverLeavesTheOldServer() async throws {
        try await TestRedis.with { server in
            let pool = ConnectionPool(server.options, .init(connections: 1))
            let id = try await pool.withConnection { connection in try connection.run(["CLIENT", "ID"]).asInteger }
            try server.connect().run(["REPLICAOF", "127.0.0.1", 1])
            let error = await #expect(throws: RedisError.self) {
                try await pool.withConnection { connection in _ = try connection.run(["SET", "a", "b"]) }
            }
            #expect(error?.code == .readOnly)
            let next = try await pool.withConnection { connection in try connection.run(["CLIENT", "ID"]).asInteger }
            #expect(next > id)
            pool.close()
        }
    }

    private func refusal(_ pool: ConnectionPool) async -> RedisError.Code? {
        let error = await #expect(throws: RedisError.self) {
            try await pool.withConnection { connection in _ = try connection.run(["PING"]) }
        }
        return error?.code
    }
}
