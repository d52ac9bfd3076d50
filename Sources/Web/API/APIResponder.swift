package import Accounts
import HTTPTypes
import Hummingbird
import Scheduler

/// Leads each request to its handler, and makes an answer of whatever comes back.
package struct APIResponder: Sendable {
    private let tasks: TaskHandler
    private let queues: QueueHandler
    private let bulk: BulkHandler
    private let cluster: ClusterHandler
    private let sources: SourceHandler
    private let legacy: LegacyHandler
    private let health: HealthHandler
    private let guests: [GuestRoute]
    private let maxBodyBytes: @Sendable () -> Int
    private let servesTasks: Bool

    /// - Parameters:
    ///   - maxBodyBytes: the longest body that is read; asked for each request.
    ///   - guests: further paths, asked before the API's own.
    ///   - audit: nil: who did what cannot be asked.
    ///   - servesTasks: false: only how this instance is can be asked.
    package init(
        scheduler: any TaskScheduling, maxBodyBytes: @escaping @Sendable () -> Int, guests: [GuestRoute] = [],
        servesTasks: Bool = true, audit: AuditLog? = nil
    ) {
        tasks = TaskHandler(scheduler: scheduler, maxBodyBytes: maxBodyBytes)
        queues = QueueHandler(scheduler: scheduler, maxBodyBytes: maxBodyBytes)
        bulk = BulkHandler(scheduler: scheduler, tasks: tasks)
        cluster = ClusterHandler(scheduler: scheduler, audit: audit)
        sources = SourceHandler(scheduler: scheduler, maxBodyBytes: maxBodyBytes)
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
        case .taskBatch: return try await tasks.createBatch(request)
        case .taskBulk: return try await bulk.bulk(request)
        case .taskExport: return try await tasks.export(request)
        case .deadLetters: return try await bulk.deadLetters(request)
        case .deadLetterRetry: return try await bulk.retryDeadLetters(request)
        case .operations: return try await bulk.list(request)
        case .operation(let id): return try await bulk.get(id, request)
        case .operationCancel(let id): return try await bulk.cancel(id, request)
        case .instances: return try await cluster.instances(request)
        case .auditEvents: return try await cluster.auditEvents(request)
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
        case .legacySave: return await legacy.save(request)
        case .health: return health.health()
        case .readiness: return health.readiness()
        case .openAPI: return try health.document(request)
        }
    }
}
