import Accounts
import Logging
import MySQL
import Redis
import Scheduler
import ServiceLifecycle
import Synchronization
import ThreadPool
import Web

/// The connections and threads that the administration pages need beside the scheduler's, and the first one who may
/// sign in.
final class AdminDesk: Service {
    private let users: UserStore
    private let audit: AuditLog
    private let passwords = Passwords()
    private let database: MySQL.ConnectionPool
    private let redis: Redis.ConnectionPool
    private let live: LiveConfiguration
    private let logger: Logger
    private let hasAdministrator = Atomic(false)

    static let connections = 4

    init(_ live: LiveConfiguration, logger: Logger) {
        self.live = live
        self.logger = logger
        let configuration = live.masterDB
        database = MySQL.ConnectionPool(
            configuration.options,
            .init(
                connections: Self.connections, waitTimeout: .seconds(5),
                lifetime: configuration.maxConnectionLifetime ?? .zero))
        redis = .forAccounts(live.redis.options)
        users = UserStore(database, prefix: configuration.prefix)
        audit = AuditLog(database, prefix: configuration.prefix)
    }

    func services(_ scheduler: SchedulerService, _ keys: KeyDesk) -> AdminServices {
        let live = live
        return AdminServices(
            scheduler: scheduler, live: live, users: users, passwords: passwords,
            sessions: SessionStore(
                redis, limits: { SessionLimits(idle: live.session.idle, absolute: live.session.absolute) }),
            throttle: SignInThrottle(redis, users: users), audit: audit, keys: keys.store,
            keyRing: keys.ring, logger: logger)
    }

    /// Why nobody can sign in yet; nil when there is somebody.
    var unreadiness: String? {
        hasAdministrator.load(ordering: .relaxed) ? nil : "nobody can sign in on the administration pages yet"
    }

    /// Until the server of the pages has ended.
    func run() async throws {
        defer {
            passwords.close()
            redis.close()
            database.close()
        }
        // Cancelled: the end has come before there was one.
        try? await cancelWhenGracefulShutdown { try await self.makeFirstAdministrator() }
        try? await gracefulShutdown()  // cancelled: the end as well
    }

    /// Makes `admin` when there are no users, and prints the password: this once, and not into the log.
    private func makeFirstAdministrator() async throws {
        var backoff = Backoff()
        while true {
            do {
                if try await users.all().isEmpty {
                    let password = NewPassword.generate()
                    if try await users.addFirstAdministrator(passwords.hash(password)) {
                        StandardError.write(
                            """
                            schedulerd: the administration pages are at /admin; sign in as admin \
                            with the password \(password.text) (it is shown this once)

                            """)
                    }
                }
                hasAdministrator.store(true, ordering: .relaxed)
                return
            } catch {
                try Task.checkCancellation()
                logger.warning("the users of the administration pages cannot be read yet: \(error)")
                await backoff.pause(SystemTime())
            }
        }
    }
}
