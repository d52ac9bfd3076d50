import Redis
import TestSupport
import Testing

@Suite struct ReplyTests {
    /// What a script returns is turned into every kind of reply that there is.
    static let kinds: [(LuaScript, Reply)] = [
        ("return redis.status_reply('FINE')", .status("FINE")),
        ("return 42", .integer(42)),
        ("return -9007199254740991", .integer(-9_007_199_254_740_991)),
        ("return 'text'", .bulk(Array("text".utf8))),
        ("return ''", .bulk([])),
        ("return '\\0\\r\\n\\255'", .bulk([0, 13, 10, 255])),
        ("return {}", .array([])),
        (
            "return {1, 'a', {2, {}}, false}",
            .array([.integer(1), .bulk([97]), .array([.integer(2), .array([])]), .null])
        ),
        ("return false", .null),
        (
            "return {1, redis.error_reply('MYCODE my text')}",
            .array([.integer(1), .error(RedisError(.init(rawValue: "MYCODE"), "MYCODE my text"))])
        ),
    ]

    @Test func everyKind() async throws {
        try await TestRedis.with { server in
            let connection = try server.connect()
            for (script, reply) in Self.kinds {
                #expect(try connection.run(["EVAL", script.text, 0]) == reply, "\(script.text)")
            }
            #expect(try connection.run(["GET", "missing"]) == .null)
            #expect(try connection.run(["INCRBY", "number", Int64.max]) == .integer(.max))
            try connection.run(["MULTI"])
            try connection.run(["BLPOP", "missing", 1])
            #expect(try connection.run(["EXEC"]) == .array([.null]))
        }
    }

    @Test func isDecoded() throws {
        #expect(try Reply.integer(7).asInteger == 7)
        #expect(try Reply.bulk([255]).asBytes == [255])
        #expect(try Reply.bulk([255]).asBytesOrNull == [255])
        #expect(try Reply.null.asBytesOrNull == nil)
        #expect(try Reply.bulk([97]).asText == "a")
        #expect(try Reply.status("OK").asText == "OK")
        #expect(try Reply.array([.null]).asArray == [.null])
    }

    @Test func anotherKindThanExpectedIsAnError() {
        func code(_ body: () throws(RedisError) -> Void) -> RedisError.Code? {
            do throws(RedisError) { try body() } catch { return error.code }
            return nil
        }
        #expect(code { () throws(RedisError) in _ = try Reply.null.asInteger } == .unexpectedReply)
        #expect(code { () throws(RedisError) in _ = try Reply.null.asBytes } == .unexpectedReply)
        #expect(code { () throws(RedisError) in _ = try Reply.integer(1).asBytesOrNull } == .unexpectedReply)
        #expect(code { () throws(RedisError) in _ = try Reply.bulk([255]).asText } == .unexpectedReply)
        #expect(code { () throws(RedisError) in _ = try Reply.array([]).asText } == .unexpectedReply)
        #expect(code { () throws(RedisError) in _ = try Reply.status("OK").asArray } == .unexpectedReply)
        #expect(code { () throws(RedisError) in _ = try Reply.error(RedisError(.wrongType, "")).asText } == .wrongType)
    }
}
