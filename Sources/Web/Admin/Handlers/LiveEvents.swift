import Accounts
import HTTPTypes
import Hummingbird
import NIOCore
import Scheduler
import ServiceLifecycle

/// The figures of the overview as they change: server-sent events (WHATWG HTML, section 9.2).
struct LiveEvents: Sendable {
    private let services: AdminServices
    /// Drawn once for all who read the same language from the same place.
    private let events: [Language: SourcedAnswer<ByteBuffer>]

    private static let interval: Duration = .seconds(2)
    /// After so many the browser comes again.
    private static let rounds = 150
    /// How often it is looked whether the session goes on.
    private static let roundsPerCheck = 5

    init(services: AdminServices, overview: OverviewPage) {
        self.services = services
        events = Dictionary(
            uniqueKeysWithValues: Language.allCases.map { language in
                (
                    language,
                    SourcedAnswer {
                        ByteBuffer(string: Self.event(try await overview.fragment(Texts.of(language))))
                    }
                )
            })
    }

    func stream(_ visit: Visit) -> Response {
        Response(
            status: .ok, headers: [.contentType: "text/event-stream", HTTPField.Name("X-Accel-Buffering")!: "no"],
            body: ResponseBody { writer in
                for round in 0..<Self.rounds {
                    if round % Self.roundsPerCheck == 0 {
                        guard try await isStillSignedIn(visit) else { break }
                    }
                    // A database that is away is no reason to end: the next round asks again.
                    let event = try? await figures(for: visit)
                    try await writer.write(event ?? ByteBuffer(string: ":\n\n"))
                    // The end of the process is the end of the stream: the browser comes back to whoever answers then.
                    guard (try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }) != nil
                    else { break }
                }
                try await writer.finish(nil)
            })
    }

    /// nil: there is no place to read it from.
    private func figures(for visit: Visit) async throws -> ByteBuffer? {
        let plan = await services.scheduler.readPlan(changedAt: visit.changedAt)
        if case .nowhere = plan { return nil }
        return try await ReadSource.$current.withValue(plan.source) {
            try await events[visit.language]?.current(maxAge: Self.interval)
        }
    }

    private func isStillSignedIn(_ visit: Visit) async throws -> Bool {
        guard let id = visit.sessionID else { return false }
        return try await services.sessions.signedIn(id, among: services.users) != nil
    }

    private static func event(_ html: String) -> String {
        html.split(separator: "\n").map { "data: \($0)\n" }.joined() + "\n"
    }
}
