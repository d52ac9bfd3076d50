import Accounts
import MySQL
import Redis
import TestSupport
import ThreadPool

/// The stores of accounts on a Redis and a database of their own.
struct AccountsFixture: Sendable {
    let sessions: SessionStore
    let users: UserStore
    let database: TestDatabase
    let redis: TestRedis
    let redisPool: Redis.ConnectionPool
    let pool: MySQL.ConnectionPool
    /// Seconds that the throttle sees pass.
    let clock = Counter()

    /// Stands for any password: what is not compared need not be hashed.
    static let hash = PasswordHash("$2a$10$" + String(repeating: ".", count: 53))!
    static let limits = SessionLimits(idle: .seconds(600), absolute: .seconds(3600))

    static func with(
        isolation: isolated (any Actor)? = #isolation, _ body: (AccountsFixture) async throws -> Void
    ) async throws {
        try await TestRedis.with(timeout: .seconds(60)) { redis in
            let redisPool = Redis.ConnectionPool(redis.options, .init(connections: 2, waitTimeout: .seconds(60)))
            try await TestDatabase.migrated(prefix: "hs_") { database in
                let pool = MySQL.ConnectionPool(database.options, .init(connections: 4, waitTimeout: .seconds(60)))
                let fixture = AccountsFixture(
                    sessions: SessionStore(redisPool) { limits }, users: UserStore(pool, prefix: "hs_"),
                    database: database, redis: redis, redisPool: redisPool, pool: pool)
                let close: @Sendable () -> Void = {
                    redisPool.close()
                    pool.close()
                }
                do {
                    try await body(fixture)
                    try await onThread(close)
                } catch {
                    try await onThread(close)
                    throw error
                }
            }
        }
    }

    func addUser(_ name: String, _ role: Role = .administrator) async throws -> User {
        try await users.add(UserProfile(name: name, role: role), Self.hash)
        guard let user = try await users.user(name) else { throw UserError.unknown(name) }
        return user
    }

    /// What Redis says to a command.
    func ask(_ command: Command) throws -> Reply {
        try redis.connect().run(command)
    }
}
