import ArgumentParser
import Scheduler

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Show who did what, through the API.",
        discussion: """
            Example:
              schedulerd audit list --action task.cancel
            """,
        subcommands: [AuditListCommand.self])
}

struct AuditListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List events, the newest first.",
        discussion: """
            Examples:
              schedulerd audit list --actor admin --from 2026-11-20T00:00:00Z
              schedulerd audit list --subject mail
            """)

    @OptionGroup var server: ServerOptions
    @Option(help: "A user's name, or key: and that of an API key.") var actor: String?
    @Option(help: "Such as task.cancel.") var action: String?
    @Option(help: "The task, queue, user, key, schedule or destination that it was done to.") var subject: String?
    @Option(help: "Not before: RFC 3339 or unix seconds.") var from: String?
    @Option(help: "Before: RFC 3339 or unix seconds.") var to: String?
    @OptionGroup var page: PageOptions

    func run() async throws {
        let given = [("actor", actor), ("action", action), ("subject", subject), ("from", from), ("to", to)]
        let query = given.compactMap { name, value in value.map { (name, $0) } } + page.query
        try await server.call("GET", "/v1/audit-events", query: query) { page in
            PageOptions.lines(page, (page["events"]?.elements ?? []).map(Self.line), nothing: "no events")
        }
    }

    static func line(_ event: JSONValue) -> String {
        [
            TaskPrinter.pad(TaskPrinter.text(event["at"]), 27), TaskPrinter.pad(TaskPrinter.text(event["actor"]), 12),
            TaskPrinter.pad(TaskPrinter.text(event["action"]), 18), TaskPrinter.text(event["subject"]),
        ].joined(separator: "  ")
    }
}
