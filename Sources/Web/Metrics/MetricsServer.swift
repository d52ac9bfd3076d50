import HTTPTypes
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
package import Scheduler
import ServiceLifecycle

/// Answers `GET /metrics` on a listener of its own, from the start of the process to its end.
package struct MetricsServer: Service, CustomStringConvertible {
    private let place: Configuration.Metrics.Listener
    private let live: LiveConfiguration
    private let registry: PrometheusRegistry
    private let refresh: @Sendable () async -> Void
    private let logger: Logger

    /// - Parameter refresh: brings what is only looked at up to date; to return in bounded time.
    package init(
        _ place: Configuration.Metrics.Listener, live: LiveConfiguration, registry: PrometheusRegistry, logger: Logger,
        refresh: @escaping @Sendable () async -> Void
    ) {
        self.place = place
        self.live = live
        self.registry = registry
        self.refresh = refresh
        self.logger = logger
    }

    package var description: String { "metrics server" }

    package func run() async throws {
        try await HTTPListener(host: place.host, port: place.port, name: "metrics")
            .run(Responder(registry: registry, refresh: refresh), live, logger)
    }

    private struct Responder: HTTPResponder {
        let registry: PrometheusRegistry
        let refresh: @Sendable () async -> Void

        func respond(to request: Request, context: WebContext) async throws -> Response {
            guard request.rawPath == "/metrics" else {
                return Problem(.notFound, "here is only /metrics").response
            }
            guard request.method == .get || request.method == .head else {
                var problem = Problem(.methodNotAllowed, "accepted here: GET, HEAD")
                problem.allow = ["GET", "HEAD"]
                return problem.response
            }
            await refresh()
            let response = Response(
                status: .ok, headers: [.contentType: PrometheusRegistry.contentType],
                body: ResponseBody(byteBuffer: ByteBuffer(string: registry.text)))
            return request.method == .head ? response.createHeadResponse() : response
        }
    }
}
