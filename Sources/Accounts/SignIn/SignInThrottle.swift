package import Redis

/// Slows down who guesses passwords, and keeps nobody out who has signed in before.
///
/// A client is known to an account by a *device cookie*, given to it after a sign-in: see "Slow Down Online Guessing
/// Attacks with Device Cookies" of OWASP. A known client has a gate of its own and passes no other. So nobody can lock
/// an administrator out of a browser that he has used within 90 days, whatever is tried elsewhere in his name. All other
/// clients pass three gates: of their address (its /64 for IPv6), of the account at this address, and of the account
/// from anywhere. `SignInGate` has the numbers. All unknown clients together get 2 attempts a second, and 20 at once, of
/// the 4 passwords a second that `Passwords` can compare: the rest is for known ones, and the counters in Redis are
/// bounded.
///
/// An attempt counts from the moment it is allowed, so that many at once count as many. One that is told to wait does
/// not count. Names that do not exist are treated as any other.
///
/// Every function throws `RedisError` when Redis cannot be asked.
package struct SignInThrottle: Sendable {
    private let redis: Redis.ConnectionPool
    private let users: UserStore
    /// Milliseconds since 1970; nil: by Redis' clock, because those of the instances differ.
    private let now: (@Sendable () -> Int)?

    /// How long a device stays known after a sign-in.
    package static let deviceLifetime: Duration = .seconds(90 * 86_400)

    /// - Parameter redis: see `ConnectionPool.forAccounts`.
    package init(_ redis: Redis.ConnectionPool, users: UserStore) {
        self.init(redis, users: users, now: nil)
    }

    init(_ redis: Redis.ConnectionPool, users: UserStore, now: (@Sendable () -> Int)?) {
        self.redis = redis
        self.users = users
        self.now = now
    }

    /// To be asked before a password is compared.
    /// - Parameters:
    ///   - account: the name that was typed.
    ///   - address: the client's, without a port.
    ///   - device: the device cookie, if one was sent.
    /// - Throws: `MySQLError` too.
    package func check(account: String, address: String, device: String?) async throws -> SignInAdmission {
        let account = SecretToken.digest(try await users.sortKey(of: account))
        let network = ClientNetwork(address).text
        let gates = [
            Self.prefix + "address:" + network, Self.prefix + "pair:\(account):\(network)",
            Self.prefix + "account:" + account,
        ]
        let device = device.flatMap { SecretToken($0)?.digest }.map { digest in
            (record: Self.key(ofDevice: digest), gate: Self.prefix + "device:" + digest)
        }
        // Without a device: keys that are never there.
        let keys = [device?.record ?? Self.key(ofDevice: ""), device?.gate ?? Self.prefix + "device:"]
        let limits: [SignInGate] = [.device, .address, .pair, .account]
        let reply = try await run(
            Self.checkScript, keys + gates + [Self.prefix + "all"],
            [account] + limits.flatMap { [$0.free, $0.longestSeconds * 1000] as [any CommandArgument] }
                + [now?() ?? 0]
        ).asArray.map { reply in try reply.asInteger }
        guard reply[0] == 0 else { return .wait(seconds: (reply[0] + 999) / 1000) }
        return .allowed(SignInAttempt(device: reply[1] == 1 ? device : nil, gates: gates, account: account))
    }

    /// Takes back that an attempt failed, and knows its client from now on.
    /// - Returns: the client's new device cookie, for `deviceLifetime`; its old one is worth nothing any more.
    package func succeeded(_ attempt: SignInAttempt) async throws -> String {
        let device = SecretToken.random()
        try await takeBack(attempt, isSuccess: true)
        _ = try await redis.withConnection { connection in
            try connection.run([
                "SET", Self.key(ofDevice: device.digest), attempt.account, "EX",
                Self.deviceLifetime.components.seconds,
            ])
        }
        return device.text
    }

    /// Takes back that an attempt failed, because no password was compared.
    package func abandoned(_ attempt: SignInAttempt) async throws {
        try await takeBack(attempt, isSuccess: false)
    }

    private func takeBack(_ attempt: SignInAttempt, isSuccess: Bool) async throws {
        let (whole, single): ([String], [String])
        if let device = attempt.device {
            (whole, single) = isSuccess ? ([device.gate, device.record], []) : ([], [device.gate])
        } else {
            // Of the others only this attempt: whoever has an account could wipe out his failures at another one.
            (whole, single) =
                isSuccess ? ([attempt.gates[1]], [attempt.gates[0], attempt.gates[2]]) : ([], attempt.gates)
        }
        _ = try await run(Self.takeBackScript, whole + single, [whole.count])
    }

    // MARK: In Redis

    private static let prefix = "schedulerd:sign-in:"

    /// Holds the account's digest.
    private static func key(ofDevice digest: String) -> String { "schedulerd:device:" + digest }

    private func run(
        _ script: LuaScript, _ keys: [String], _ arguments: [any CommandArgument]
    ) async throws -> Reply {
        try await redis.withConnection { connection in
            try connection.run(script, keys: keys, arguments: arguments)
        }
    }

    /// Keys: the device's record, its gate, the other gates, the time until which attempts of unknown clients are taken.
    /// Gives how many milliseconds to wait, and whether the account knows the device.
    private static let checkScript: LuaScript = """
        local now = tonumber(ARGV[10])
        if now == 0 then
            local time = redis.call('TIME')
            now = time[1] * 1000 + math.floor(time[2] / 1000)
        end
        local known = redis.call('GET', KEYS[1]) == ARGV[1]
        local first, last = 3, 5
        if known then first, last = 2, 2 end
        local wait = 0
        for i = first, last do
            wait = math.max(wait, (redis.call('HGET', KEYS[i], 'until') or 0) - now)
        end
        local taken = now
        if not known then
            taken = math.max(redis.call('GET', KEYS[6]) or 0, now) + 500
            wait = math.max(wait, taken - now - 10000)
        end
        if wait > 0 then return {wait, 0} end
        if not known then redis.call('SET', KEYS[6], taken, 'PX', taken - now) end
        for i = first, last do
            local free, longest = tonumber(ARGV[2 * i - 2]), tonumber(ARGV[2 * i - 1])
            local count = redis.call('HINCRBY', KEYS[i], 'count', 1)
            if count >= free then
                redis.call('HSET', KEYS[i], 'until', now + math.min(longest, 1000 * 2 ^ math.min(count - free, 20)))
            end
            redis.call('EXPIRE', KEYS[i], 3600)
        end
        return {0, known and 1 or 0}
        """

    /// The first so many keys are forgotten, and one failure of each other one with the wait that it brought.
    private static let takeBackScript: LuaScript = """
        for i, key in ipairs(KEYS) do
            if i <= tonumber(ARGV[1]) then
                redis.call('DEL', key)
            elseif redis.call('EXISTS', key) == 1 then
                if redis.call('HINCRBY', key, 'count', -1) <= 0 then
                    redis.call('DEL', key)
                else
                    redis.call('HDEL', key, 'until')
                end
            end
        end
        """
}
