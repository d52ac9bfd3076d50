import HTTPTypes
package import Hummingbird
package import Logging
import Scheduler
package import Transfer

/// Leads each request to its handler, and makes an answer of whatever comes back.
package struct APIResponder: HTTPResponder {
    /// A request with more is refused; the parser's own limit is above it.
    static let maxHeaders = 100

    private let tasks: TaskHandler
    private let sources: SourceHandler
    private let legacy: LegacyHandler
    private let health: HealthHandler
    private let guests: [GuestRoute]
    private let maxBodyBytes: @Sendable () -> Int
    private let trustedProxies: @Sendable () -> [AddressRange]
    private let logger: Logger

    /// - Parameters:
    ///   - maxBodyBytes: the longest body that is read; asked for each request, as what follows.
    ///   - guests: further paths, asked before the API's own.
    ///   - trustedProxies: whose word on the client's address is believed.
    package init(
        scheduler: any TaskScheduling, maxBodyBytes: @escaping @Sendable () -> Int, guests: [GuestRoute] = [],
        trustedProxies: @escaping @Sendable () -> [AddressRange] = { [] }, logger: Logger
    ) {
        self.trustedProxies = trustedProxies
        self.logger = logger
        tasks = TaskHandler(scheduler: scheduler, maxBodyBytes: maxBodyBytes)
        sources = SourceHandler(scheduler: scheduler, maxBodyBytes: maxBodyBytes)
        legacy = LegacyHandler(scheduler: scheduler, maxBodyBytes: maxBodyBytes)
        health = HealthHandler(scheduler: scheduler)
        self.guests = guests
        self.maxBodyBytes = maxBodyBytes
    }

    package func respond(to request: Request, context: WebContext) async throws -> Response {
        var response: Response
        do {
            response = try await answer(request)
        } catch {
            if let problem = Problem(error) {
                response = problem.response
            } else {
                logger.error("request failed", metadata: ["path": "\(request.rawPath)", "error": "\(error)"])
                response = Problem(.internal, "this was logged as an error").response
            }
        }
        note(request, response, context)
        if request.method == .head { response = response.createHeadResponse() }
        // The client asked for it, or the server must: say it either way.
        if request.headers[.connection]?.lowercased() == "close" { response.headers[.connection] = "close" }
        return response
    }

    private func note(_ request: Request, _ response: Response, _ context: WebContext) {
        logger.debug(
            "request",
            metadata: [
                "method": "\(request.method.rawValue)", "path": "\(request.rawPath)",
                "status": "\(response.status.code)",
                "client":
                    "\(ClientAddress.of(context.peer, request.headers, trusted: trustedProxies())?.description ?? "-")",
            ])
    }

    private func answer(_ request: Request) async throws -> Response {
        guard request.headers.count <= Self.maxHeaders else {
            var problem = Problem(.tooManyHeaders, "a request may have \(Self.maxHeaders) header fields at most")
            problem.closesConnection = true
            throw problem
        }
        let path = request.rawPath
        if let guest = guests.first(where: { $0.path == path }) {
            return try await guest.respond(to: request, limit: maxBodyBytes())
        }
        let endpoint = try Endpoint(path: path)
        guard endpoint.methods.contains(request.method.rawValue) else {
            var problem = Problem(.methodNotAllowed, "accepted here: \(endpoint.methods.joined(separator: ", "))")
            problem.allow = endpoint.methods
            throw problem
        }
        switch endpoint {
        case .tasks:
            return request.method == .post ? try await tasks.create(request) : try await tasks.list(request)
        case .task(let id):
            return request.method == .patch ? try await tasks.edit(id, request) : try await tasks.get(id, request)
        case .attempts(let id): return try await tasks.attempts(id, request)
        case .action(let id, let action): return try await tasks.perform(action, on: id, request)
        case .sources: return try await sources.list(request)
        case .quarantine: return try await sources.quarantine(request)
        case .quarantined(let id):
            return request.method == .delete
                ? try await sources.delete(id, request) : try await sources.quarantined(id, request)
        case .quarantineRetry(let id): return try await sources.retry(id, request)
        case .legacySave: return await legacy.save(request)
        case .health: return health.health()
        case .readiness: return health.readiness()
        }
    }
}
