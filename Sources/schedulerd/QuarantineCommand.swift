import ArgumentParser
import Scheduler

struct QuarantineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine",
        abstract: "Messages from Redis that could not become tasks: list, show, retry, delete.",
        discussion: """
            Examples:
              schedulerd quarantine list
              schedulerd quarantine show 0198a3f2-7c1e-7abc-9def-0123456789ab
              schedulerd quarantine retry 0198a3f2-7c1e-7abc-9def-0123456789ab
              schedulerd quarantine retry --all
            """,
        subcommands: [List.self, Show.self, Retry.self, Delete.self])

    static func path(_ id: String) -> String { "/v1/quarantine/\(APIClient.escape(id))" }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List messages, the newest first.",
            discussion: """
                Example:
                  schedulerd quarantine list --limit 500
                """)

        @OptionGroup var server: ServerOptions
        @OptionGroup var page: PageOptions

        func run() async throws {
            try await server.call("GET", "/v1/quarantine", query: page.query) { QuarantinePrinter.lines(page: $0) }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a message as it is.",
            discussion: """
                Example:
                  schedulerd quarantine show 0198a3f2-7c1e-7abc-9def-0123456789ab
                """)

        @OptionGroup var server: ServerOptions
        @Argument(help: "The message's id.") var id: String

        func run() async throws {
            try await server.call("GET", QuarantineCommand.path(id)) { QuarantinePrinter.lines(message: $0) }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the task of a message by the rules of now.",
            discussion: """
                A message that still cannot become a task stays, and the command ends with status 1.

                Examples:
                  schedulerd quarantine retry 0198a3f2-7c1e-7abc-9def-0123456789ab
                  schedulerd quarantine retry --all
                """)

        @OptionGroup var server: ServerOptions
        @Argument(help: "The message's id.") var id: String?
        @Flag(help: "All that are there, the newest first.") var all = false

        func validate() throws {
            if (id == nil) != all { throw ValidationError("give an id or --all") }
        }

        func run() async throws {
            if let id {
                try await server.call("POST", QuarantineCommand.path(id) + ":retry") { TaskPrinter.lines(task: $0) }
                return
            }
            var failed = 0
            var cursor: String?
            repeat {
                let page = try await server.fetch(
                    "GET", "/v1/quarantine", query: (cursor.map { [("cursor", $0)] } ?? []) + [("limit", "500")])
                for message in page["messages"]?.elements ?? [] {
                    guard let id = message["id"]?.text else { continue }
                    do {
                        _ = try await server.fetch("POST", QuarantineCommand.path(id) + ":retry")
                        print("\(id)  is a task now")
                    } catch is ExitCode {
                        failed += 1
                    }
                }
                cursor = page["next_cursor"]?.text
            } while cursor != nil
            if failed > 0 { throw CommandFailure(["schedulerd: \(failed) messages stay in quarantine"]).report() }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a message out of quarantine for good.",
            discussion: """
                Example:
                  schedulerd quarantine delete 0198a3f2-7c1e-7abc-9def-0123456789ab
                """)

        @OptionGroup var server: ServerOptions
        @Argument(help: "The message's id.") var id: String

        func run() async throws {
            try await server.call("DELETE", QuarantineCommand.path(id)) { _ in ["deleted"] }
        }
    }
}

/// What messages in quarantine look like on a terminal.
enum QuarantinePrinter {
    static func lines(page: JSONValue) -> [String] {
        let lines = (page["messages"]?.elements ?? []).map { message in
            ["id", "received_at", "source", "reason"].map { TaskPrinter.text(message[$0]) }.joined(separator: "  ")
        }
        return PageOptions.lines(page, lines, nothing: "nothing is in quarantine")
    }

    static func lines(message: JSONValue) -> [String] {
        ["id", "source", "reason", "received_at", "score", "message_bytes", "message_encoding", "message"].map { name in
            TaskPrinter.pad(name, 18) + TaskPrinter.text(message[name])
        }
    }
}
