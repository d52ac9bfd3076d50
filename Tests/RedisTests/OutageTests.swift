import TestSupport
import Testing
import ThreadPool

@testable import Redis

/// Servers that are away, silent, new or strange.
@Suite struct OutageTests {
    @Test func nobodyThere() {
        var options = ConnectionOptions()
        options.socket = "/tmp/schedulerd-nobody-there"
        let error = #expect(throws: RedisError.self) { try Connection(options) }
        #expect(error?.code == .connect)
        #expect(error?.message == "/tmp/schedulerd-nobody-there/0: No such file or directory")
        #expect(error?.isOutcomeUnknown == false)

        options.socket = nil
        options.port = 1
        #expect(code(connecting: options) == .connect)
        options.host = "nosuchhost.invalid"
        #expect(code(connecting: options) == .connect)
        options.socket = "/tmp/" + String(repeating: "x", count: 103)
        #expect(code(connecting: options) == .connect)
    }

    @Test func silenceIsATimeoutAndEndsTheConnection() async throws {
        try await TestRedis.with(timeout: .milliseconds(500)) { server in
            let connection = try server.connect()
            let error = #expect(throws: RedisError.self) { try connection.run(["BLPOP", "nothing", 0]) }
            #expect(error?.code == .timeout)
            #expect(error?.isOutcomeUnknown == true)
            // The late answer must not be taken for that of the next command.
            #expect(!connection.isOpen)
            let next = #expect(throws: RedisError.self) { try connection.run(["PING"]) }
            #expect(next?.code == .closed)
            #expect(next?.isOutcomeUnknown == false)
        }
    }

    @Test func aStoppedServerIsATimeoutAndIsBackAfterwards() async throws {
        try await TestRedis.with(timeout: .milliseconds(500)) { server in
            let pool = ConnectionPool(server.options, .init(connections: 1))
            let idle = try server.connect()
            #expect(idle.isUsable(afterIdle: .seconds(61), isInDoubt: false))
            try await pool.withConnection { connection in _ = try connection.run(["SET", "key", "value"]) }
            server.pause()
            // Open, by all that can be seen from here; and answered by nobody.
            #expect(idle.isUsable(afterIdle: .seconds(59), isInDoubt: false))
            #expect(!idle.isUsable(afterIdle: .seconds(61), isInDoubt: false))
            for _ in 1...2 {
                let error = await #expect(throws: RedisError.self) {
                    try await pool.withConnection { connection in _ = try connection.run(["GET", "key"]) }
                }
                #expect(error?.code == .timeout)
            }
            server.resume()
            #expect(try await value(pool) == "value")
            pool.close()
        }
    }

    @Test func aServerThatTakesNothingIsATimeout() async throws {
        try await TestRedis.with(timeout: .milliseconds(500)) { server in
            let connection = try server.connect()
            server.pause()
            let error = #expect(throws: RedisError.self) {
                try connection.run(["SET", "key", [UInt8](repeating: 0, count: 16 << 20)])
            }
            #expect(error?.code == .timeout)
            server.resume()
        }
    }

    @Test func aRestartIsNotSeenByThePoolsNextUser() async throws {
        try await TestRedis.with(["--appendonly", "yes"]) { server in
            let pool = ConnectionPool(server.options, .init(connections: 2))
            let held = try server.connect()
            for _ in 1...10 {
                try await pool.withConnection { connection in
                    _ = try connection.run("return redis.call('SET', KEYS[1], 'value')", keys: ["key"])
                }
            }
            server.stop()
            let away = await #expect(throws: RedisError.self) { try await value(pool) }
            #expect(away?.code == .connect)
            try await server.start(["--appendonly", "yes"])
            for _ in 1...10 { #expect(try await value(pool) == "value") }

            #expect(!held.isOpen)
            let error = #expect(throws: RedisError.self) { try held.run(["PING"]) }
            #expect(error?.code == .closed)
            pool.close()
        }
    }

    @Test func aServerThatDiesAtWorkLeavesTheOutcomeUnknown() async throws {
        try await TestRedis.with { server in
            let pool = ConnectionPool(server.options, .init(connections: 1))
            async let waiting = pool.withConnection { connection in try connection.run(["BLPOP", "nothing", 0]) }
            let watcher = try server.connect()
            while try !watcher.run(["INFO", "clients"]).asText.contains("blocked_clients:1") { await Task.yield() }
            server.kill()
            do {
                _ = try await waiting
                Issue.record("a dead server answered")
            } catch let error as RedisError {
                #expect(error.code == .closed)
                #expect(error.isOutcomeUnknown)
            }
            pool.close()
        }
    }

    @Test func aServerThatLoadsItsDataSaysSo() async throws {
        try await TestRedis.with { server in
            let connection = try server.connect()
            _ = try connection.pipeline((0..<2000).map { ["SET", "key \($0)", String(repeating: "x", count: 100)] })
            try connection.run(["SAVE"])
            server.stop()
            // 20 s: longer than this test needs.
            let slowly = ["--key-load-delay", "10000", "--loading-process-events-interval-bytes", "1024"]
            try await server.start(slowly, untilLoaded: false)
            let loading = try server.connect()
            let error = #expect(throws: RedisError.self) { try loading.run(["GET", "key 1"]) }
            #expect(error?.code == .loading)
            #expect(loading.isUsable(afterIdle: .seconds(61), isInDoubt: false))
        }
    }

    @Test(arguments: [false, true]) func moreClientsThanTheServerTakes(tcp: Bool) async throws {
        try await TestRedis.with(["--maxclients", "2"], tcp: tcp) { server in
            let options = server.tcpOptions ?? server.options
            let held = [try Connection(options), try Connection(options)]
            #expect(code(connecting: options) == .tooManyClients)
            #expect(held.allSatisfy { $0.ping() })
        }
    }

    static let strangers: [(String, RedisError.Code)] = [
        ("HTTP/1.1 400 Bad Request\r\n\r\n", .protocolViolation),
        ("", .closed),
        ("$100\r\nredis_ver", .closed),
        ("$22\r\nredis_version:4.0.14\r\n\r\n", .unsupportedServer),
        ("-DENIED Redis is running in protected mode\r\n", .init(rawValue: "DENIED")),
        ("+OK\r\n", .unsupportedServer),
        (":1\r\n", .unexpectedReply),
    ]

    @Test(arguments: strangers) func aStranger(answer: String, expected: RedisError.Code) {
        #expect(FakeServer.with(saying: answer) { code(connecting: $0) } == expected)
    }

    private func value(_ pool: ConnectionPool) async throws -> String {
        try await pool.withConnection { connection in try connection.run(["GET", "key"]).asText }
    }
}
