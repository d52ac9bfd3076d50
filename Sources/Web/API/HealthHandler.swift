import HTTPTypes
import Hummingbird
import NIOCore
import Scheduler

/// Answers what balancers and supervisors ask.
struct HealthHandler: Sendable {
    let scheduler: any TaskScheduling

    /// The process lives and serves HTTP.
    func health() -> Response {
        status("ok")
    }

    /// This instance accepts tasks, and runs them if that is its role.
    func readiness() -> Response {
        guard let reason = scheduler.unreadiness else { return status("ready") }
        var problem = Problem(.unavailable, reason)
        problem.retryAfter = 1
        return problem.response
    }

    /// The OpenAPI document of the API.
    func document(_ request: Request) throws -> Response {
        _ = try QueryParameters(request.rawQuery.utf8, accepts: [])
        return Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: OpenAPIDocument.json)))
    }

    private func status(_ word: String) -> Response {
        var writer = JSONWriter(capacity: 32)
        writer.object { $0.member("status", word) }
        return .json(writer)
    }
}
