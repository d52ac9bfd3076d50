import Accounts
import HTTPTypes
import Hummingbird
import NIOCore
import Scheduler
import ServiceLifecycle

/// The figures of the overview as they change: server-sent events (WHATWG HTML, section 9.2).
struct LiveEvents: Sendable {
    let services: AdminServices
    let overview: OverviewPage

    private static let interval: Duration = .seconds(2)
    /// After which the browser comes again, so that a session that has ended is seen.
    private static let rounds = 150

    func stream(_ visit: Visit) -> Response {
        let texts = visit.texts
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", HTTPField.Name("X-Accel-Buffering")!: "no"],
            body: ResponseBody { writer in
                for _ in 0..<Self.rounds {
                    guard try await isStillSignedIn(visit) else { break }
                    // A database that is away is no reason to end: the next round asks again.
                    let event = (try? await overview.fragment(texts)).map(Self.event) ?? ":\n\n"
                    try await writer.write(ByteBuffer(string: event))
                    // The end of the process is the end of the stream: the browser comes back to whoever answers then.
                    guard (try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }) != nil
                    else { break }
                }
                try await writer.finish(nil)
            })
    }

    private func isStillSignedIn(_ visit: Visit) async throws -> Bool {
        guard let id = visit.sessionID else { return false }
        return try await services.sessions.signedIn(id, among: services.users) != nil
    }

    private static func event(_ html: String) -> String {
        html.split(separator: "\n").map { "data: \($0)\n" }.joined() + "\n"
    }
}
