import ArgumentParser
import Web

struct TaskCancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Cancel a task that has not started.",
        discussion: """
            When this succeeds the task is not called. One that is running already is refused.

            Example:
              schedulerd task cancel 0198a3f2-7c1e-7abc-9def-0123456789ab
            """)

    @OptionGroup var server: ServerOptions
    @Argument(help: "The task's id.") var id: String

    func run() async throws {
        try await server.call("POST", "/v1/tasks/\(APIClient.escape(id)):cancel") { TaskPrinter.lines(task: $0) }
    }
}
