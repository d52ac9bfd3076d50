import Testing

@testable import Redis

@Suite struct RedisErrorTests {
    static let replies: [(String, RedisError.Code)] = [
        ("WRONGTYPE Operation against a key holding the wrong kind of value", .wrongType),
        ("NOSCRIPT No matching script. Please use EVAL.", .noScript),
        ("OOM command not allowed when used memory > 'maxmemory'.", .outOfMemory),
        ("NOAUTH Authentication required.", .authentication),
        ("WRONGPASS invalid username-password pair or user is disabled.", .authentication),
        ("ERR max number of clients reached", .tooManyClients),
        ("ERR unknown command", .generic),
        ("-just a text", .generic),
        ("", .generic),
        ("MY_OWN2 made by a script", .init(rawValue: "MY_OWN2")),
        ("BUSY", .busy),
    ]

    @Test(arguments: replies) func codeIsTheFirstWord(text: String, code: RedisError.Code) {
        let error = RedisError(reply: text)
        #expect(error.code == code)
        #expect(error.message == text)
    }

    static let remedies: [(RedisError.Code, RedisError.Remedy, Bool)] = [
        (.connect, .reconnect, true), (.timeout, .reconnect, true), (.closed, .reconnect, true),
        (.protocolViolation, .reconnect, true), (.tooManyClients, .reconnect, true), (.readOnly, .reconnect, true),
        (.unblocked, .reconnect, true), (.poolTimeout, .reconnect, false), (.poolFull, .reconnect, false),
        (.loading, .retry, false), (.busy, .retry, false), (.outOfMemory, .retry, false),
        (.misconfigured, .retry, false), (.masterDown, .retry, false), (.clusterDown, .retry, false),
        (.notEnoughReplicas, .retry, false), (.tryAgain, .retry, false),
        (.wrongType, .none, false), (.noScript, .none, false), (.moved, .none, false), (.generic, .none, false),
        (.authentication, .none, false), (.noPermission, .none, false), (.poolClosed, .none, false),
        (.unsupportedServer, .none, false), (.unexpectedReply, .none, false), (.tlsUnavailable, .none, false),
        (.init(rawValue: "NEVERHEARD"), .none, false),
    ]

    @Test(arguments: remedies) func whatToDo(code: RedisError.Code, remedy: RedisError.Remedy, losesConnection: Bool) {
        let error = RedisError(code, "")
        #expect(error.remedy == remedy)
        #expect(error.isTransient == (remedy != .none))
        #expect(error.losesConnection == losesConnection)
    }
}
