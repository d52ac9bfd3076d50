import ArgumentParser
import MySQL
import Scheduler

struct TaskEditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit", abstract: "Change a task that waits.",
        discussion: """
            What is not given stays as it is. One that is running already is refused.

            Examples:
              schedulerd task edit 0198a3f2-7c1e-7abc-9def-0123456789ab --in 2h
              schedulerd task edit 0198a3f2-7c1e-7abc-9def-0123456789ab --url http://127.0.0.1:9000/other --if-version 1
            """)

    @OptionGroup var server: ServerOptions
    @Argument(help: "The task's id.") var id: String
    @Option(help: "When: RFC 3339 (2026-11-20T10:00:00Z) or unix seconds.") var at: String?
    @Option(name: .customLong("in"), help: "When, counted from now: 250ms, 5s, 10m, 2h, 1d, 1h30m.")
    var delay: DelayText?
    @Option(help: "What to call.") var url: String?
    @Option(help: "GET, HEAD, POST, PUT, PATCH or DELETE.") var method: String?
    @Option(help: "The body, as text.") var body: String?
    @Option(help: "When it is not called any more: RFC 3339 or unix seconds; never: it does not expire.")
    var expiresAt: String?
    @OptionGroup var following: FollowUpOptions
    @Option(help: "Only if this is its version still, as get --json shows it.") var ifVersion: Int?

    func validate() throws {
        if at != nil && delay != nil { throw ValidationError("--at and --in exclude each other") }
    }

    func run() async throws {
        let condition = ifVersion.map { [("If-Match", "\"\($0)\"")] } ?? []
        try await server.call(
            "PATCH", "/v1/tasks/\(APIClient.escape(id))", headers: condition, json: try document()
        ) { TaskPrinter.lines(task: $0) }
    }

    func document(now: Timestamp = .now) throws -> [UInt8] {
        let followUps = try following.members()
        var writer = JSONWriter()
        writer.object { writer in
            if let time = at ?? delay.map({ (now + $0.duration).rfc3339 }) { writer.member("plan_time", time: time) }
            if expiresAt == "never" {
                writer.member("expires_at", JSONValue.null)
            } else if let expiresAt {
                writer.member("expires_at", time: expiresAt)
            }
            let request = [("url", url), ("method", method), ("body", body)].filter { $0.1 != nil }
            if !request.isEmpty {
                writer.object("request") { writer in
                    for (name, value) in request { writer.member(name, value) }
                }
            }
            for (name, followUp) in followUps { writer.member(name, followUp) }
        }
        return writer.bytes
    }
}
