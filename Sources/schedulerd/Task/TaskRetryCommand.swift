import ArgumentParser
import Web

struct TaskRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Give a dead or cancelled task a new life, due now.",
        discussion: """
            It gets its whole retry schedule again.

            Example:
              schedulerd task retry 0198a3f2-7c1e-7abc-9def-0123456789ab
            """)

    @OptionGroup var server: ServerOptions
    @Argument(help: "The task's id.") var id: String

    func run() async throws {
        try await server.call("POST", "/v1/tasks/\(APIClient.escape(id)):retry") { TaskPrinter.lines(task: $0) }
    }
}
