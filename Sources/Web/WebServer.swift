package import Accounts
package import Logging
package import Scheduler
import ServiceLifecycle

/// The HTTP server: listens until the service group shuts down, then lets running requests finish.
package struct WebServer: Service, CustomStringConvertible {
    private let responder: WebResponder
    private let live: LiveConfiguration
    private let logger: Logger
    private let onListening: @Sendable (Int) -> Void

    /// - Parameters:
    ///   - gate: says who may use the API; nil: everybody.
    ///   - guests: paths besides the API's.
    ///   - admin: answers below `/admin`; nil: nobody does.
    ///   - audit: read for who asks; nil: it cannot be asked for.
    ///   - onListening: told the port once connections are accepted; of use when the configured one is 0.
    package init(
        scheduler: any TaskScheduling & ScheduleKeeping & DestinationKeeping, gate: Gate?, live: LiveConfiguration,
        logger: Logger,
        guests: [GuestRoute] = [], admin: AdminResponder? = nil, audit: AuditLog? = nil,
        onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.live = live
        responder = WebResponder(
            api: APIResponder(
                scheduler: scheduler, gate: gate, maxBodyBytes: { live.server.maxBodyBytes }, guests: guests,
                servesTasks: live.roles.contains(.api), audit: audit),
            admin: admin, trustedProxies: { live.server.trustedProxies }, logger: logger)
        self.logger = logger
        self.onListening = onListening
    }

    package var description: String { "HTTP server" }

    package func run() async throws {
        try await HTTPListener(host: live.server.host, port: live.server.port, onListening: onListening)
            .run(responder, live, logger)
    }
}
