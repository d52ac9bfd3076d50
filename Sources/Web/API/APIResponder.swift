import HTTPTypes
import Hummingbird
import Scheduler

/// Leads each request to its handler, and makes an answer of whatever comes back.
package struct APIResponder: Sendable {
    private let tasks: TaskHandler
    private let queues: QueueHandler
    private let sources: SourceHandler
    private let destinations: DestinationHandler
    private let legacy: LegacyHandler
    private let health: HealthHandler
    private let guests: [GuestRoute]
    private let maxBodyBytes: @Sendable () -> Int
    private let servesTasks: Bool

    /// - Parameters:
    ///   - maxBodyBytes: the longest body that is read; asked for each request.
    ///   - guests: further paths, asked before the API's own.
    ///   - servesTasks: false: only how this instance is can be asked.
    package init(
        scheduler: any TaskScheduling, maxBodyBytes: @escaping @Sendable () -> Int, guests: [GuestRoute] = [],
        servesTasks: Bool = true
    ) {
        tasks = TaskHandler(scheduler: scheduler, maxBodyBytes: maxBodyBytes)
        queues = QueueHandler(scheduler: scheduler, maxBodyBytes: maxBodyBytes)
        sources = SourceHandler(scheduler: scheduler, maxBodyBytes: maxBodyBytes)
        destinations = DestinationHandler(scheduler: scheduler, maxBodyBytes: maxBodyBytes)
        legacy = LegacyHandler(scheduler: scheduler, maxBodyBytes: maxBodyBytes)
        health = HealthHandler(scheduler: scheduler)
        self.guests = guests
        self.maxBodyBytes = maxBodyBytes
        self.servesTasks = servesTasks
    }

    /// - Throws: what is wrong, for `Problem.init` to tell.
    func respond(to request: Request) async throws -> Response {
        let path = request.rawPath
        if let guest = guests.first(where: { $0.path == path }) {
            return try await guest.respond(to: request, limit: maxBodyBytes())
        }
        let endpoint = try Endpoint(path: path)
        guard servesTasks || endpoint.isServedAlways else {
            throw Problem(.notFound, "this instance does not serve the API: its roles are without api")
        }
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
        case .queues:
            return request.method == .post ? try await queues.create(request) : try await queues.list(request)
        case .queue(let name):
            return switch request.method {
            case .patch: try await queues.change(name, request)
            case .delete: try await queues.delete(name, request)
            default: try await queues.get(name, request)
            }
        case .queueAction(let name, let action): return try await queues.perform(action, on: name, request)
        case .sources: return try await sources.list(request)
        case .quarantine: return try await sources.quarantine(request)
        case .quarantined(let id):
            return request.method == .delete
                ? try await sources.delete(id, request) : try await sources.quarantined(id, request)
        case .quarantineRetry(let id): return try await sources.retry(id, request)
        case .destinations: return try await destinations.list(request)
        case .destination(let reference):
            return switch request.method {
            case .put: try await destinations.put(reference, request)
            case .patch: try await destinations.patch(reference, request)
            case .delete: try await destinations.delete(reference, request)
            default: try await destinations.get(reference, request)
            }
        case .destinationPause(let reference): return try await destinations.pause(reference, request)
        case .destinationResume(let reference): return try await destinations.resume(reference, request)
        case .legacySave: return await legacy.save(request)
        case .health: return health.health()
        case .readiness: return health.readiness()
        case .openAPI: return try health.document(request)
        }
    }
}
