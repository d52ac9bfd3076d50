import Redis
import TestSupport
import Testing

@Suite struct LuaScriptTests {
    static let take: LuaScript = """
        local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
        if #due > 0 then
            redis.call('ZREM', KEYS[1], unpack(due))
            redis.call('RPUSH', KEYS[2], unpack(due))
        end
        return due
        """

    @Test func movesWithKeysAndArguments() async throws {
        try await TestRedis.with { server in
            let connection = try server.connect()
            try connection.run(["ZADD", "waiting", 1, "a", 2.5, "b", 3, "c"])
            #expect(try taken(connection, until: 2.5, 1) == ["a"])
            #expect(try taken(connection, until: 2.5, 10) == ["b"])
            #expect(try taken(connection, until: 2.5, 10) == [])
            #expect(try connection.run(["LRANGE", "working", 0, -1]).asArray.count == 2)
            #expect(try connection.run(["ZCARD", "waiting"]).asInteger == 1)
        }
    }

    @Test func goesByDigestAndAgainWithItsTextAfterAFlush() async throws {
        try await TestRedis.with { server in
            let connection = try server.connect()
            func calls(_ name: String) throws -> Int {
                let line = try connection.run(["INFO", "commandstats"]).asText.split(whereSeparator: \.isNewline)
                    .first { $0.hasPrefix("cmdstat_\(name):calls=") }
                return try #require(Int(line?.drop { $0 != "=" }.dropFirst().prefix { $0 != "," } ?? "0"))
            }
            for _ in 1...3 { #expect(try connection.run("return ARGV[1]", keys: [], arguments: ["x"]).asText == "x") }
            #expect(try [calls("eval"), calls("evalsha")] == [1, 2])
            try connection.run(["SCRIPT", "FLUSH"])
            for _ in 1...3 { #expect(try connection.run("return ARGV[1]", keys: [], arguments: ["x"]).asText == "x") }
            #expect(try [calls("eval"), calls("evalsha")] == [2, 5])
        }
    }

    @Test func whatIsWrongWithItIsTheServersError() async throws {
        try await TestRedis.with { server in
            let connection = try server.connect()
            for script: LuaScript in ["not lua", "return redis.call('NOSUCHCOMMAND')"] {
                for _ in 1...2 {
                    let error = #expect(throws: RedisError.self) { try connection.run(script, keys: []) }
                    #expect(error?.code == .generic)
                }
            }
            #expect(try connection.run("return 1", keys: []) == .integer(1))
        }
    }

    private func taken(_ connection: Connection, until: Double, _ limit: Int) throws(RedisError) -> [String] {
        try connection.run(Self.take, keys: ["waiting", "working"], arguments: [until, limit]).asArray
            .map { reply throws(RedisError) in try reply.asText }
    }
}
