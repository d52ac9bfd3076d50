import ArgumentParser
import Scheduler

struct OperationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operation", abstract: "Show and end operations on many tasks.",
        discussion: """
            Examples:
              schedulerd operation list
              schedulerd operation show 7
              schedulerd operation cancel 7
            """,
        subcommands: [OperationListCommand.self, OperationShowCommand.self, OperationCancelCommand.self])
}

struct OperationListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List operations, the newest first.",
        discussion: """
            Example:
              schedulerd operation list --limit 10
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var page: PageOptions

    func run() async throws {
        try await server.call("GET", "/v1/bulk-operations", query: page.query) { page in
            let lines = (page["operations"]?.elements ?? []).map(OperationPrinter.line)
            return PageOptions.lines(page, lines, nothing: "no operations")
        }
    }
}

struct OperationShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show how far an operation is.",
        discussion: """
            Example:
              schedulerd operation show 7
            """)

    @OptionGroup var server: ServerOptions
    @Argument(help: "The operation's number.") var id: Int

    func run() async throws {
        try await server.call("GET", "/v1/bulk-operations/\(id)") { OperationPrinter.lines($0) }
    }
}

struct OperationCancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "End an operation that runs; what it has done stays done.",
        discussion: """
            Example:
              schedulerd operation cancel 7
            """)

    @OptionGroup var server: ServerOptions
    @Argument(help: "The operation's number.") var id: Int

    func run() async throws {
        try await server.call("POST", "/v1/bulk-operations/\(id):cancel") { OperationPrinter.lines($0) }
    }
}
