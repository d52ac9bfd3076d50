import MySQL
package import Redis

/// Sessions in Redis, each under the digest of its id.
///
/// Every function throws `RedisError` when Redis cannot be asked.
package struct SessionStore: Sendable {
    private let redis: Redis.ConnectionPool
    private let limits: @Sendable () -> SessionLimits

    /// Sessions that one user can have; the oldest one goes.
    static let limit = 100

    /// - Parameters:
    ///   - redis: see `ConnectionPool.forAccounts`.
    ///   - limits: the configured ones; asked each time.
    package init(_ redis: Redis.ConnectionPool, limits: @escaping @Sendable () -> SessionLimits) {
        self.redis = redis
        self.limits = limits
    }

    /// Begins a session under an id that nobody has had.
    package func create(for user: User) async throws -> (id: String, session: Session) {
        let (id, csrfToken) = (SecretToken.random(), SecretToken.random())
        let limits = limits()
        let reply = try await run(
            Self.createScript, [Self.key(id), Self.key(ofUser: user.id)],
            [
                user.id, csrfToken.text, user.passwordChangedAt.microseconds, Self.milliseconds(limits.idle),
                Self.milliseconds(limits.absolute), Self.limit,
            ])
        return (id.text, try Session(reply.asArray))
    }

    /// Finds a session, and lets its idle time begin anew.
    /// - Returns: nil when there is none, or it is over.
    package func find(_ id: String) async throws -> Session? {
        guard let id = SecretToken(id) else { return nil }
        let reply = try await run(Self.findScript, [Self.key(id)], [Self.milliseconds(limits().idle)])
        return reply == .null ? nil : try Session(reply.asArray)
    }

    /// Ends a session.
    package func delete(_ id: String) async throws {
        guard let id = SecretToken(id) else { return }
        _ = try await run(Self.deleteScript, [Self.key(id)], [Self.userPrefix])
    }

    /// Ends all sessions of a user.
    package func deleteAll(of userID: Int) async throws {
        _ = try await run(Self.deleteAllScript, [Self.key(ofUser: userID)])
    }

    /// Finds who sends the id of a session.
    /// - Returns: nil when the session is over: it ran out, or the user is gone, disabled or has another password.
    /// - Throws: `MySQLError` too.
    package func signedIn(_ id: String, among users: UserStore) async throws -> SignedIn? {
        guard let session = try await find(id) else { return nil }
        guard let user = try await users.user(id: session.userID), user.disabledAt == nil,
            user.passwordChangedAt == session.passwordChangedAt
        else {
            try await delete(id)
            return nil
        }
        return SignedIn(user: user, session: session)
    }

    // MARK: In Redis

    private func run(
        _ script: LuaScript, _ keys: [String], _ arguments: [any CommandArgument] = []
    ) async throws -> Reply {
        try await redis.withConnection { connection in
            try connection.run(script, keys: keys, arguments: arguments)
        }
    }

    static func key(_ id: SecretToken) -> String { "schedulerd:session:" + id.digest }

    /// Of a sorted set with the keys of the user's sessions by the time when they end.
    static func key(ofUser id: Int) -> String { "\(userPrefix)\(id)" }

    private static let userPrefix = "schedulerd:sessions:"

    private static func milliseconds(_ duration: Duration) -> Int64 { duration.microseconds / 1000 }

    // Times are of Redis' clock, because those of the instances differ.

    private static let createScript: LuaScript = """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local created = time[1] .. string.format('%06d', time[2])
        local idle, absolute = tonumber(ARGV[4]), tonumber(ARGV[5])
        redis.call('HSET', KEYS[1], 'user', ARGV[1], 'csrf', ARGV[2], 'created', created, 'password_changed', ARGV[3],
            'ends', now + absolute)
        redis.call('PEXPIRE', KEYS[1], math.min(idle, absolute))
        redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
        redis.call('ZADD', KEYS[2], now + absolute, KEYS[1])
        local excess = redis.call('ZCARD', KEYS[2]) - ARGV[6]
        if excess > 0 then
            for _, key in ipairs(redis.call('ZRANGE', KEYS[2], 0, excess - 1)) do
                redis.call('DEL', key)
                redis.call('ZREM', KEYS[2], key)
            end
        end
        redis.call('PEXPIRE', KEYS[2], math.max(redis.call('PTTL', KEYS[2]), absolute))
        return {ARGV[1], ARGV[2], created, ARGV[3]}
        """

    private static let findScript: LuaScript = """
        local session = redis.call('HMGET', KEYS[1], 'user', 'csrf', 'created', 'password_changed', 'ends')
        if not session[5] then return false end
        local time = redis.call('TIME')
        local left = math.min(ARGV[1], session[5] - time[1] * 1000 - math.floor(time[2] / 1000))
        if left <= 0 then
            redis.call('DEL', KEYS[1])
            return false
        end
        redis.call('PEXPIRE', KEYS[1], left)
        return {session[1], session[2], session[3], session[4]}
        """

    private static let deleteScript: LuaScript = """
        local user = redis.call('HGET', KEYS[1], 'user')
        if user then redis.call('ZREM', ARGV[1] .. user, KEYS[1]) end
        redis.call('DEL', KEYS[1])
        """

    private static let deleteAllScript: LuaScript = """
        for _, key in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do redis.call('DEL', key) end
        redis.call('DEL', KEYS[1])
        """
}

extension Session {
    /// What a script gives.
    fileprivate init(_ fields: [Reply]) throws(RedisError) {
        func number<Number: FixedWidthInteger>(_ index: Int) throws(RedisError) -> Number {
            guard let number = Number(try fields[index].asText) else {
                throw RedisError(.unexpectedReply, "a session has no number where one belongs")
            }
            return number
        }
        self.init(
            userID: try number(0), csrfToken: try fields[1].asText,
            createdAt: Timestamp(microseconds: try number(2)),
            passwordChangedAt: Timestamp(microseconds: try number(3)))
    }
}
