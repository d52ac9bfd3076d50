import Glibc
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Scheduler

/// Listens at one place until the service group shuts down, and then lets running requests finish. The limits are those of
/// the section `server`.
struct HTTPListener {
    let host: String
    let port: Int
    /// For the log; empty: the API's and the pages' own.
    var name = ""
    var onListening: @Sendable (Int) -> Void = { _ in }

    func run(_ responder: some HTTPResponder<WebContext>, _ live: LiveConfiguration, _ logger: Logger) async throws {
        let (host, name, onListening) = (host, name, onListening)
        let application = Application(
            responder: responder,
            server: .http1(configuration: Self.channel(live)),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: "schedulerd", backlog: 1024),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? 0
                var place: Logger.Metadata = ["host": "\(host)", "port": "\(port)"]
                if !name.isEmpty { place["for"] = "\(name)" }
                logger.info("listening", metadata: place)
                onListening(port)
            },
            logger: Self.quiet(logger))
        do {
            try await application.run()
        } catch let error as IOError {
            throw WebServerError(place: "\(host):\(port)", reason: String(cString: strerror(error.errnoCode)))
        }
    }

    private static func channel(_ live: LiveConfiguration) -> HTTP1Channel.Configuration {
        let server = live.server
        return HTTP1Channel.Configuration(
            // One for each connection, which keeps the limits that are in force when it begins.
            additionalChannelHandlers: [ConnectionGuard(live.server)],
            httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                maxHeaderFieldSize: server.maxHeaderBytes, maxHeaderListSize: server.maxHeaderBytes,
                maxHeaderFieldCount: WebResponder.maxHeaders * 2))
    }

    /// The framework's own messages at `info` say what this program says itself.
    private static func quiet(_ logger: Logger) -> Logger {
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
