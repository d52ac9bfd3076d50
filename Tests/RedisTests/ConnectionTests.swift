import TestSupport
import Testing
import ThreadPool

@testable import Redis

@Suite struct ConnectionTests {
    @Test func everyByteGoesThereAndBack() async throws {
        try await TestRedis.with { server in
            let connection = try server.connect()
            let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ ($0 >> 8)) }
            try connection.run(["SET", bytes, bytes, "EX", 60])
            #expect(try connection.run(["GET", bytes]).asBytes == bytes)
            try connection.run(["RPUSH", "", "", "\r\n$3\r\n", " \"'\\"])
            let list = try connection.run(["LRANGE", "", 0, -1]).asArray
            #expect(try list.map { reply throws(RedisError) in try reply.asText } == ["", "\r\n$3\r\n", " \"'\\"])
        }
    }

    @Test func aPipelineAnswersInOrder() async throws {
        try await TestRedis.with { server in
            let connection = try server.connect()
            let results = try connection.pipeline((1...10_000).map { ["INCRBY", "sum", $0] })
            #expect(results.count == 10_000)
            var sum = 0
            for (index, result) in results.enumerated() {
                sum += index + 1
                guard case .success(.integer(sum)) = result else {
                    Issue.record("result \(index) is \(result)")
                    break
                }
            }
            #expect(try connection.pipeline([]).isEmpty)
            #expect(try connection.run(["GET", "sum"]).asText == "50005000")
        }
    }

    @Test func anErrorInAPipelineIsThatCommandsOwn() async throws {
        try await TestRedis.with { server in
            let connection = try server.connect()
            let results = try connection.pipeline([["SET", "text", "a"], ["LPUSH", "text", "b"], ["GET", "text"]])
            #expect(results[0] == .success(.status("OK")))
            #expect(throws: RedisError.self) { try results[1].get() }
            #expect(results[2] == .success(.bulk([97])))
        }
    }

    @Test func aRefusedCommandLeavesTheConnectionUsable() async throws {
        try await TestRedis.with { server in
            let connection = try server.connect()
            try connection.run(["SET", "text", "a"])
            let error = #expect(throws: RedisError.self) { try connection.run(["LPUSH", "text", "b"]) }
            #expect(error?.code == .wrongType)
            #expect(error?.isOutcomeUnknown == false)
            #expect(connection.isOpen)
            #expect(try connection.run(["GET", "text"]).asText == "a")
        }
    }

    @Test func theServersStateIsATypedError() async throws {
        try await TestRedis.with { server in
            let connection = try server.connect()
            func code(_ command: Command) -> RedisError.Code? {
                do throws(RedisError) { try connection.run(command) } catch { return error.code }
                return nil
            }
            try connection.run(["CONFIG", "SET", "maxmemory", 1])
            #expect(code(["SET", "a", "b"]) == .outOfMemory)
            try connection.run(["CONFIG", "SET", "maxmemory", 0])
            try connection.run(["CONFIG", "SET", "min-replicas-to-write", 1])
            #expect(code(["SET", "a", "b"]) == .notEnoughReplicas)
            try connection.run(["CONFIG", "SET", "min-replicas-to-write", 0])
            #expect(code(["EVALSHA", String(repeating: "0", count: 40), 0]) == .noScript)
            #expect(code(["NOSUCHCOMMAND"]) == .generic)
            try connection.run(["REPLICAOF", "127.0.0.1", 1])
            #expect(code(["SET", "a", "b"]) == .readOnly)
        }
    }

    @Test func aBusyServerSaysSo() async throws {
        try await TestRedis.with(["--lua-time-limit", "1"], timeout: .seconds(90)) { server in
            let pool = ConnectionPool(server.options, .init(connections: 1))
            let connection = try server.connect()
            async let loop = pool.withConnection { connection in try connection.run("while true do end", keys: []) }
            var code: RedisError.Code?
            while code == nil {
                do throws(RedisError) { try connection.run(["GET", "key"]) } catch { code = error.code }
                await Task.yield()
            }
            #expect(code == .busy)
            try connection.run(["SCRIPT", "KILL"])
            do {
                _ = try await loop
                Issue.record("an endless loop ended")
            } catch let error as RedisError {
                #expect(error.code == .generic)
            }
            #expect(try connection.run(["GET", "key"]) == .null)
            pool.close()
        }
    }

    @Test func databasesAreApart() async throws {
        try await TestRedis.with { server in
            var options = server.options
            options.database = 3
            let third = try Connection(options)
            try third.run(["SET", "key", "third"])
            #expect(try server.connect().run(["GET", "key"]) == .null)
            #expect(try Connection(options).run(["GET", "key"]).asText == "third")
            options.database = 16
            #expect(throws: RedisError.self) { try Connection(options) }
        }
    }

    @Test func unixSocketAndTCP() async throws {
        try await TestRedis.with(tcp: true) { server in
            let tcp = try Connection(#require(server.tcpOptions))
            try tcp.run(["SET", "key", "value"])
            #expect(try tcp.run(["CLIENT", "LIST"]).asText.contains("addr=127.0.0.1:"))
            let unix = try server.connect()
            #expect(try unix.run(["GET", "key"]).asText == "value")
            #expect(try unix.run(["CLIENT", "LIST"]).asText.contains("name=schedulerd "))
            #expect(unix.server == tcp.server)
            #expect(unix.server.redisVersion >= .init(5, 0))
        }
    }

    // MARK: Signing in

    @Test func aPasswordIsNeededAndChecked() async throws {
        try await TestRedis.with(["--requirepass", "öffne dich"], password: "öffne dich") { server in
            try server.connect().run(["PING"])
            for wrong in [nil, "", "wrong"] {
                var options = server.options
                options.password = wrong
                #expect(code(connecting: options) == .authentication)
            }
        }
    }

    @Test func aPasswordForAnOpenServerIsRefused() async throws {
        try await TestRedis.with { server in
            var options = server.options
            options.password = "secret"
            let error = #expect(throws: RedisError.self) { try Connection(options) }
            #expect(error?.code == .authentication)
            #expect(error?.description.contains("secret") == false)
        }
    }

    @Test func anACLUserSignsInWithWhatItMay() async throws {
        try await TestRedis.with { server in
            let root = try server.connect()
            try root.run(["ACL", "SETUSER", "mover", "on", ">secret", "~queue:*", "-@all", "+lmove", "+rpush"])
            try root.run(["ACL", "SETUSER", "open", "on", "nopass", "+@all", "~*"])
            var options = server.options
            (options.user, options.password) = ("mover", "secret")
            // Neither INFO nor CLIENT is allowed to it.
            let mover = try Connection(options)
            #expect(mover.server == .withACL)
            try mover.run(["RPUSH", "queue:a", "task"])
            #expect(try mover.run(["LMOVE", "queue:a", "queue:b", "LEFT", "RIGHT"]).asText == "task")
            let error = #expect(throws: RedisError.self) { try mover.run(["GET", "queue:a"]) }
            #expect(error?.code == .noPermission)

            options.password = "wrong"
            #expect(code(connecting: options) == .authentication)
            (options.user, options.password) = ("open", nil)
            #expect(try Connection(options).run(["ACL", "WHOAMI"]).asText == "open")
        }
    }

    @Test func theDisplayedAddressHasNoPassword() {
        var options = ConnectionOptions()
        (options.host, options.user, options.password, options.database) = ("redis.example", "mover", "secret", 2)
        #expect(options.display == "mover@redis.example:6379/2")
        (options.user, options.socket) = (nil, "/run/redis.sock")
        #expect(options.display == "/run/redis.sock/2")
    }

    @Test func tlsIsRefusedRatherThanLeftOut() {
        var options = ConnectionOptions()
        options.tls = true
        #expect(code(connecting: options) == .tlsUnavailable)
    }
}

/// What connecting fails with; nil when it does not.
func code(connecting options: ConnectionOptions) -> RedisError.Code? {
    do throws(RedisError) { _ = try Connection(options) } catch { return error.code }
    return nil
}
