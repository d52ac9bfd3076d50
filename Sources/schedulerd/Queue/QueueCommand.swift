import ArgumentParser
import Scheduler

struct QueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "List, make, change, pause, purge and delete queues of a running server.",
        discussion: """
            Examples:
              schedulerd queue list
              schedulerd queue create mail --rate 100 --max-concurrency 10
              schedulerd queue set mail --priority 5 --rate none
              schedulerd queue purge mail
            """,
        subcommands: [
            QueueListCommand.self, QueueShowCommand.self, QueueCreateCommand.self, QueueSetCommand.self,
            QueuePauseCommand.self, QueueResumeCommand.self, QueuePurgeCommand.self, QueueDeleteCommand.self,
        ])
}

struct QueueListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List queues, by name.", discussion: "Example: schedulerd queue list --json")

    @OptionGroup var server: ServerOptions
    @OptionGroup var page: PageOptions

    func run() async throws {
        try await server.call("GET", "/v1/queues", query: page.query) { QueuePrinter.lines(queues: $0) }
    }
}

struct QueueShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a queue: its settings and what is in it.",
        discussion: "Example: schedulerd queue show mail")

    @OptionGroup var server: ServerOptions
    @Argument(help: "Its name.") var name: String

    func run() async throws {
        try await server.call("GET", QueuePath.of(name)) { QueuePrinter.lines(queue: $0) }
    }
}

struct QueuePauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Start nothing of a queue from about a second later on; what runs goes on.",
        discussion: "Example: schedulerd queue pause mail")

    @OptionGroup var server: ServerOptions
    @Argument(help: "Its name.") var name: String

    func run() async throws {
        try await server.call("POST", QueuePath.of(name) + ":pause") { QueuePrinter.lines(queue: $0) }
    }
}

struct QueueResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Let a paused queue go on.",
        discussion: "Example: schedulerd queue resume mail")

    @OptionGroup var server: ServerOptions
    @Argument(help: "Its name.") var name: String

    func run() async throws {
        try await server.call("POST", QueuePath.of(name) + ":resume") { QueuePrinter.lines(queue: $0) }
    }
}

struct QueuePurgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge", abstract: "Cancel all tasks of a queue that wait now; what runs goes on.",
        discussion: "Example: schedulerd queue purge mail")

    @OptionGroup var server: ServerOptions
    @Argument(help: "Its name.") var name: String

    func run() async throws {
        try await server.call("POST", QueuePath.of(name) + ":purge") { QueuePrinter.lines(operation: $0) }
    }
}

struct QueueDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete a queue in which nothing waits or runs.",
        discussion: "Example: schedulerd queue delete mail")

    @OptionGroup var server: ServerOptions
    @Argument(help: "Its name.") var name: String

    func run() async throws {
        try await server.call("DELETE", QueuePath.of(name)) { _ in ["deleted"] }
    }
}

enum QueuePath {
    static func of(_ name: String) -> String { "/v1/queues/" + APIClient.escape(name) }
}
