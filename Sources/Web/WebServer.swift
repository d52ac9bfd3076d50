import Glibc
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
package import Scheduler
import ServiceLifecycle

/// The HTTP server: listens until the service group shuts down, then lets running requests finish.
package struct WebServer: Service, CustomStringConvertible {
    private let responder: WebResponder
    private let live: LiveConfiguration
    private let logger: Logger
    private let onListening: @Sendable (Int) -> Void

    /// - Parameters:
    ///   - guests: paths besides the API's.
    ///   - admin: answers below `/admin`; nil: nobody does.
    ///   - onListening: told the port once connections are accepted; of use when the configured one is 0.
    package init(
        scheduler: any TaskScheduling, live: LiveConfiguration, logger: Logger, guests: [GuestRoute] = [],
        admin: AdminResponder? = nil,
        onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.live = live
        responder = WebResponder(
            api: APIResponder(
                scheduler: scheduler, maxBodyBytes: { live.server.maxBodyBytes }, guests: guests,
                servesTasks: live.roles.contains(.api)),
            admin: admin, trustedProxies: { live.server.trustedProxies }, logger: logger)
        self.logger = logger
        self.onListening = onListening
    }

    package var description: String { "HTTP server" }

    package func run() async throws {
        let (server, logger, onListening) = (live.server, logger, onListening)
        let host = server.host
        let application = Application(
            responder: responder,
            server: .http1(configuration: channel(server)),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: server.port), serverName: "schedulerd", backlog: 1024),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? 0
                logger.info("listening", metadata: ["host": "\(host)", "port": "\(port)"])
                onListening(port)
            },
            logger: quiet(logger))
        do {
            try await application.run()
        } catch let error as IOError {
            throw WebServerError(place: "\(host):\(server.port)", reason: String(cString: strerror(error.errnoCode)))
        }
    }

    private func channel(_ server: Configuration.Server) -> HTTP1Channel.Configuration {
        let live = live
        return HTTP1Channel.Configuration(
            // One for each connection, which keeps the limits that are in force when it begins.
            additionalChannelHandlers: [ConnectionGuard(live.server)],
            httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                maxHeaderFieldSize: server.maxHeaderBytes, maxHeaderListSize: server.maxHeaderBytes,
                maxHeaderFieldCount: WebResponder.maxHeaders * 2))
    }

    /// The framework's own messages at `info` say what this program says itself.
    private func quiet(_ logger: Logger) -> Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .notice)
        return logger
    }
}

/// Why the server does not listen.
package struct WebServerError: Error, CustomStringConvertible {
    let place: String
    let reason: String

    package var description: String { "cannot listen on \(place): \(reason)" }
}
