import ArgumentParser
import Web

struct TaskListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List tasks, the newest first.",
        discussion: """
            Examples:
              schedulerd task list --state dead --queue mail
              schedulerd task list --host receiver.test:8080 --label order=42
              schedulerd task list --from 2026-11-20T00:00:00Z --to 2026-11-21T00:00:00Z --limit 500
              schedulerd task list --cursor 0198a3f2-7c1e-7abc-9def-0123456789ab
            """)

    @OptionGroup var server: ServerOptions
    @Option(help: "scheduled, claimed, running, retrying, succeeded, dead or cancelled.") var state: String?
    @Option(help: "Only this queue.") var queue: String?
    @Option(help: "Only calls of this host, with the port if the URL names one.") var host: String?
    @Option(help: ArgumentHelp("Only tasks with this label; without a value: any.", valueName: "key=value"))
    var label: String?
    @Option(help: "Created at or after: RFC 3339 or unix seconds.") var from: String?
    @Option(help: "Created before: RFC 3339 or unix seconds.") var to: String?
    @OptionGroup var page: PageOptions

    func run() async throws {
        let given = [
            ("state", state), ("queue", queue), ("host", host), ("label", label), ("from", from), ("to", to),
        ]
        let query = given.compactMap { name, value in value.map { (name, $0) } } + page.query
        try await server.call("GET", "/v1/tasks", query: query) { TaskPrinter.lines(tasks: $0) }
    }
}
