import ArgumentParser
import Web

struct TaskRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Call a waiting task now.",
        discussion: """
            Example:
              schedulerd task run 0198a3f2-7c1e-7abc-9def-0123456789ab
            """)

    @OptionGroup var server: ServerOptions
    @Argument(help: "The task's id.") var id: String

    func run() async throws {
        try await server.call("POST", "/v1/tasks/\(APIClient.escape(id)):run") { TaskPrinter.lines(task: $0) }
    }
}
