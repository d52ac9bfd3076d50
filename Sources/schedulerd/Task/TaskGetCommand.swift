import ArgumentParser
import Web

struct TaskGetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Show a task, or its attempts.",
        discussion: """
            Examples:
              schedulerd task get 0198a3f2-7c1e-7abc-9def-0123456789ab
              schedulerd task get 0198a3f2-7c1e-7abc-9def-0123456789ab --attempts
              schedulerd task get 0198a3f2-7c1e-7abc-9def-0123456789ab --json
            """)

    @OptionGroup var server: ServerOptions
    @Argument(help: "The task's id.") var id: String
    @Flag(help: "Show its attempts instead, up to 500.") var attempts = false

    func run() async throws {
        let path = "/v1/tasks/\(APIClient.escape(id))"
        if attempts {
            try await server.call("GET", path + "/attempts", query: [("limit", "500")]) {
                TaskPrinter.lines(attempts: $0)
            }
        } else {
            try await server.call("GET", path) { TaskPrinter.lines(task: $0) }
        }
    }
}
