import ArgumentParser
import Scheduler

struct InstanceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "instance", abstract: "Show the instances of the cluster, through the API.",
        discussion: """
            Example:
              schedulerd instance list
            """,
        subcommands: [InstanceListCommand.self])
}

struct InstanceListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the instances: the living first, then those that ended within a day.",
        discussion: """
            Example:
              schedulerd instance list
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var page: PageOptions

    func run() async throws {
        try await server.call("GET", "/v1/instances", query: page.query) { page in
            PageOptions.lines(page, (page["instances"]?.elements ?? []).map(Self.line), nothing: "no instances")
        }
    }

    static func line(_ instance: JSONValue) -> String {
        [
            TaskPrinter.pad(TaskPrinter.text(instance["incarnation"]), 6),
            TaskPrinter.pad(TaskPrinter.text(instance["state"]), 6),
            TaskPrinter.pad(TaskPrinter.text(instance["name"]), 20), TaskPrinter.text(instance["version"]),
            "claimed \(TaskPrinter.text(instance["claimed"]))", "running \(TaskPrinter.text(instance["running"]))",
            "since \(TaskPrinter.text(instance["started_at"]))",
        ].joined(separator: "  ")
    }
}
