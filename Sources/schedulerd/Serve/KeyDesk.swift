import Accounts
import Logging
import MySQL
import Scheduler
import ServiceLifecycle
import ThreadPool
import Transfer
import Web

/// The connections that the API's keys need beside the scheduler's, and what is to be said about keys at the start.
final class KeyDesk: Service {
    let store: APIKeyStore
    let ring: KeyRing
    private let audit: AuditLog
    private let database: ConnectionPool
    private let live: LiveConfiguration
    private let logger: Logger

    static let connections = 2

    init(_ live: LiveConfiguration, logger: Logger) {
        self.live = live
        self.logger = logger
        let configuration = live.masterDB
        database = ConnectionPool(
            configuration.options,
            .init(
                connections: Self.connections, waitTimeout: .seconds(5),
                lifetime: configuration.maxConnectionLifetime ?? .zero))
        store = APIKeyStore(database, prefix: configuration.prefix)
        ring = KeyRing(store, logger: logger)
        audit = AuditLog(database, prefix: configuration.prefix)
    }

    var gate: Gate {
        Gate(keys: ring, store: store, live: live, logger: logger) { [audit] in try await audit.record($0) }
    }

    /// Until the HTTP server has ended.
    func run() async throws {
        defer { database.close() }
        // Cancelled: the end has come before there was anything to say.
        try? await cancelWhenGracefulShutdown { try await self.say() }
        try? await gracefulShutdown()  // cancelled: the end as well
    }

    private func say() async throws {
        guard live.roles.contains(.api) else { return }
        guard live.api.authentication == .keys else {
            if !isLoopback(live.server.host) {
                logger.warning(
                    """
                    api.authentication is none: everybody who reaches \(live.server.host) may make, change and read tasks
                    """)
            }
            return
        }
        var backoff = Backoff()
        while true {
            do {
                if try await ring.hasKeys { return }
                logger.warning(
                    """
                    there are no API keys: requests to /v1 are answered with 401. Make one with schedulerd key add, or \
                    set api.authentication: none where everybody who reaches this server may do everything
                    """)
                return
            } catch {
                try Task.checkCancellation()
                await backoff.pause(SystemTime())
            }
        }
    }

    private func isLoopback(_ host: String) -> Bool {
        guard let address = IPAddress(host) else { return host == "localhost" }
        return ["127.0.0.0/8", "::1/128"].contains { AddressRange($0)?.contains(address) ?? false }
    }
}
