import Accounts
import HTTPTypes
import Hummingbird
import Scheduler

extension APIResponder {
    func destinations(
        _ endpoint: Endpoint, _ request: Request, _ context: WebContext, _ caller: Caller
    ) async throws -> Response {
        let destinations = DestinationHandler(destinations: scheduler, maxBodyBytes: maxBodyBytes)
        func note(
            _ action: AuditAction, _ done: (url: String, response: Response), _ before: AuditState? = nil,
            _ after: AuditState? = nil
        ) async -> Response {
            await gate?.note(action, on: done.url, by: caller, request, context, before, after)
            return done.response
        }
        switch (endpoint, request.method) {
        case (.destination(let reference), .put), (.destination(let reference), .patch):
            let (after, response) = try await destinations.set(reference, request)
            return await note(.destinationEdit, (after.url, response), nil, after.settings.auditState)
        case (.destination(let reference), .delete):
            let (before, response) = try await destinations.delete(reference, request)
            return await note(.destinationDelete, (before.url, response), before.settings.auditState)
        case (.destinationPause(let reference), _):
            return await note(.destinationPause, try await destinations.pause(reference, request))
        case (.destinationResume(let reference), _):
            return await note(.destinationResume, try await destinations.resume(reference, request))
        case (.destinationTest(let reference), _):
            return await note(.destinationTest, try await destinations.test(reference, request))
        case (.destinationAddSecret(let reference), _):
            return await note(.destinationAddSecret, try await destinations.addSecret(reference, request))
        case (.destinationDropSecret(let reference), _):
            return await note(.destinationDropSecret, try await destinations.dropSecret(reference, request))
        case (.destination(let reference), _): return try await destinations.get(reference, request)
        default: return try await destinations.list(request)
        }
    }
}
