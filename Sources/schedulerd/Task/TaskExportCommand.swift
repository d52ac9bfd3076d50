import ArgumentParser
import Scheduler

struct TaskExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Print many tasks, a JSON object on each line, the newest first.",
        discussion: """
            Page by page: how many there are does not matter.

            Examples:
              schedulerd task export --state dead > dead.jsonl
              schedulerd task export --queue mail --from 2026-11-20T00:00:00Z --basic
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var filter: FilterOptions
    @Flag(help: "Without headers, bodies and the rules of retries.") var basic = false

    func run() async throws {
        var cursor: String?
        repeat {
            var query = filter.fields + [("limit", "500"), ("view", basic ? "basic" : "full")]
            if let cursor { query.append(("cursor", cursor)) }
            let page = try await server.fetch("GET", "/v1/tasks", query: query)
            for task in page["tasks"]?.elements ?? [] {
                var writer = JSONWriter(capacity: 1024)
                writer.value(task)
                print(String(decoding: writer.bytes, as: UTF8.self))
            }
            cursor = page["next_cursor"]?.text
        } while cursor != nil
    }
}
