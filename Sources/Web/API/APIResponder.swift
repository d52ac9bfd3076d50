package import Accounts
import HTTPTypes
import Hummingbird
import Scheduler

/// Leads each request to its handler, and makes an answer of whatever comes back.
package struct APIResponder: Sendable {
    let scheduler: any TaskScheduling & ScheduleKeeping & DestinationKeeping
    let gate: Gate?
    private let audit: AuditLog?
    private let guests: [GuestRoute]
    let maxBodyBytes: @Sendable () -> Int
    private let servesTasks: Bool

    /// - Parameters:
    ///   - gate: says who may do what; nil: everybody everything, and there are no keys.
    ///   - maxBodyBytes: the longest body that is read; asked for each request.
    ///   - guests: further paths, asked before the API's own.
    ///   - audit: nil: who did what cannot be asked.
    ///   - servesTasks: false: only how this instance is can be asked.
    package init(
        scheduler: any TaskScheduling & ScheduleKeeping & DestinationKeeping, gate: Gate?,
        maxBodyBytes: @escaping @Sendable () -> Int,
        guests: [GuestRoute] = [], servesTasks: Bool = true, audit: AuditLog? = nil
    ) {
        self.scheduler = scheduler
        self.gate = gate
        self.audit = audit
        self.guests = guests
        self.maxBodyBytes = maxBodyBytes
        self.servesTasks = servesTasks
    }

    /// - Throws: what is wrong, for `Problem.init` to tell.
    func respond(to request: Request, context: WebContext) async throws -> Response {
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
        let caller = try await gate?.admit(request, to: endpoint) ?? .anybody
        let scheduler = self.scheduler(for: caller)
        let tasks = TaskHandler(scheduler: scheduler, caller: caller, maxBodyBytes: maxBodyBytes)
        let cluster = ClusterHandler(scheduler: scheduler, audit: audit)
        let sources = SourceHandler(scheduler: scheduler, maxBodyBytes: maxBodyBytes)
        switch endpoint {
        case .tasks:
            return request.method == .post ? try await tasks.create(request) : try await tasks.list(request)
        case .taskBatch: return try await tasks.createBatch(request)
        case .taskExport: return try await tasks.export(request)
        case .taskBulk, .deadLetters, .deadLetterRetry, .operations, .operation, .operationCancel:
            let bulk = BulkHandler(scheduler: scheduler, caller: caller, tasks: tasks)
            return try await self.bulk(endpoint, bulk, request, context)
        case .instances: return try await cluster.instances(request)
        case .auditEvents: return try await cluster.auditEvents(request)
        case .task(let id):
            return request.method == .patch ? try await tasks.edit(id, request) : try await tasks.get(id, request)
        case .attempts(let id): return try await tasks.attempts(id, request)
        case .action(let id, let action): return try await tasks.perform(action, on: id, request)
        case .queues, .queue, .queueAction: return try await queues(endpoint, request, context, caller)
        case .sources: return try await sources.list(request)
        case .quarantine: return try await sources.quarantine(request)
        case .quarantined(let id):
            guard request.method == .delete else { return try await sources.quarantined(id, request) }
            let response = try await sources.delete(id, request)
            await gate?.note(.quarantineDiscard, on: id.description, by: caller, request, context)
            return response
        case .quarantineRetry(let id):
            let response = try await sources.retry(id, request)
            await gate?.note(.quarantineRetry, on: id.description, by: caller, request, context)
            return response
        case .schedules, .schedule, .nextRuns, .scheduleAction:
            return try await schedules(endpoint, request, context, caller)
        case .destinations, .destination, .destinationPause, .destinationResume, .destinationTest,
            .destinationAddSecret, .destinationDropSecret:
            return try await destinations(endpoint, request, context, caller)
        case .apiKeys, .apiKey, .apiKeyDisable: return try await keys(endpoint, request, context, caller)
        case .legacySave: return await legacy(request, context)
        case .health: return HealthHandler(scheduler: scheduler).health()
        case .readiness: return HealthHandler(scheduler: scheduler).readiness()
        case .openAPI: return try HealthHandler(scheduler: scheduler).document(request)
        }
    }

    private func scheduler(for caller: Caller) -> any TaskScheduling {
        caller.queues.map { QueueScheduling(scheduler: scheduler, queues: $0) } ?? scheduler
    }

    private func legacy(_ request: Request, _ context: WebContext) async -> Response {
        await LegacyHandler(maxBodyBytes: maxBodyBytes).save(request) { [self] key in
            scheduler(for: try await gate?.admitLegacy(request, context, key: key) ?? .anybody)
        }
    }

    private func bulk(
        _ endpoint: Endpoint, _ bulk: BulkHandler, _ request: Request, _ context: WebContext
    ) async throws -> Response {
        switch endpoint {
        case .taskBulk, .deadLetterRetry:
            let (operation, response) =
                endpoint == .taskBulk ? try await bulk.bulk(request) : try await bulk.retryDeadLetters(request)
            if let operation {
                await gate?.note(
                    operation.audit, on: "\(operation.id)", by: bulk.caller, request, context, nil,
                    operation.auditState)
            }
            return response
        case .operationCancel(let id):
            let response = try await bulk.cancel(id, request)
            await gate?.note(.taskRetryManyCancel, on: "\(id)", by: bulk.caller, request, context)
            return response
        case .operation(let id): return try await bulk.get(id, request)
        case .operations: return try await bulk.list(request)
        default: return try await bulk.deadLetters(request)
        }
    }

    private func queues(
        _ endpoint: Endpoint, _ request: Request, _ context: WebContext, _ caller: Caller
    ) async throws -> Response {
        let queues = QueueHandler(scheduler: scheduler(for: caller), maxBodyBytes: maxBodyBytes)
        switch (endpoint, request.method) {
        case (.queues, .post):
            let (queue, response) = try await queues.create(request)
            await gate?.note(.queueAdd, on: queue.name, by: caller, request, context, nil, queue.settings.auditState)
            return response
        case (.queue(let name), .patch):
            let (before, after, response) = try await queues.change(name, request)
            await gate?.note(
                .queueEdit, on: name, by: caller, request, context, before.settings.auditState,
                after.settings.auditState)
            return response
        case (.queue(let name), .delete):
            let (before, response) = try await queues.delete(name, request)
            await gate?.note(.queueDelete, on: name, by: caller, request, context, before.settings.auditState, nil)
            return response
        case (.queueAction(let name, let action), _):
            let response = try await queues.perform(action, on: name, by: caller.name, request)
            await gate?.note(action.audit, on: name, by: caller, request, context)
            return response
        case (.queue(let name), _): return try await queues.get(name, request)
        default: return try await queues.list(request)
        }
    }

    private func schedules(
        _ endpoint: Endpoint, _ request: Request, _ context: WebContext, _ caller: Caller
    ) async throws -> Response {
        let schedules = ScheduleHandler(schedules: scheduler, maxBodyBytes: maxBodyBytes)
        switch (endpoint, request.method) {
        case (.schedules, .post):
            let (name, response) = try await schedules.create(request)
            await gate?.note(.scheduleAdd, on: name, by: caller, request, context)
            return response
        case (.schedule(let name), .put):
            let response = try await schedules.replace(name, request)
            await gate?.note(.scheduleEdit, on: name, by: caller, request, context)
            return response
        case (.schedule(let name), .delete):
            let response = try await schedules.delete(name, request)
            await gate?.note(.scheduleDelete, on: name, by: caller, request, context)
            return response
        case (.scheduleAction(let name, let action), _):
            let response = try await schedules.perform(action, on: name, request)
            await gate?.note(action.audit, on: name, by: caller, request, context)
            return response
        case (.schedule(let name), _): return try await schedules.get(name, request)
        case (.nextRuns(let name), _): return try await schedules.next(name, request)
        default: return try await schedules.list(request)
        }
    }

    private func keys(
        _ endpoint: Endpoint, _ request: Request, _ context: WebContext, _ caller: Caller
    ) async throws -> Response {
        guard let gate else { throw Problem(.notFound, "there is nothing at this path") }
        let keys = gate.handler
        switch (endpoint, request.method) {
        case (.apiKeys, .post):
            let (key, response) = try await keys.add(request.document(limit: maxBodyBytes()), by: caller.name)
            await gate.note(.keyAdd, on: key.name, by: caller, request, context, nil, key.auditState)
            return response
        case (.apiKey(let id), .delete):
            try await request.requireNoContent(limit: maxBodyBytes())
            let key = try await keys.delete(id)
            await gate.note(.keyDelete, on: key.name, by: caller, request, context, key.auditState, nil)
            return Response(status: .noContent)
        case (.apiKeyDisable(let id), _):
            try await request.requireNoContent(limit: maxBodyBytes())
            let (before, after, response) = try await keys.disable(id)
            await gate.note(
                .keyDisable, on: after.name, by: caller, request, context, before.auditState, after.auditState)
            return response
        case (.apiKey(let id), _): return try await keys.get(id, request)
        default: return try await keys.list(request)
        }
    }
}
