import ArgumentParser
import Scheduler

struct DestinationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "destination",
        abstract: "Receivers: list, show, set limits, pause, resume, try, rotate secrets, delete.",
        discussion: """
            A destination is named by its number or its URL: scheme, host and port, with the beginning of a path when it is
            for that only.

            Examples:
              schedulerd destination list
              schedulerd destination set https://shop.example --rate 50 --max-concurrency 10
              schedulerd destination pause https://shop.example --reason "maintenance until noon"
            """,
        subcommands: [
            List.self, Show.self, SetLimits.self, Pause.self, Resume.self, Try.self, DestinationSecretCommand.self,
            Delete.self,
        ])

    static func path(_ reference: String) -> String { "/v1/destinations/\(APIClient.escape(reference))" }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List destinations that were set up, and those that have failed.",
            discussion: """
                Example:
                  schedulerd destination list --limit 500
                """)

        @OptionGroup var server: ServerOptions
        @OptionGroup var page: PageOptions

        func run() async throws {
            try await server.call("GET", "/v1/destinations", query: page.query) { DestinationPrinter.lines(page: $0) }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one.",
            discussion: """
                Example:
                  schedulerd destination show https://shop.example
                """)

        @OptionGroup var server: ServerOptions
        @Argument(help: "Its number or URL.") var destination: String

        func run() async throws {
            try await server.call("GET", DestinationCommand.path(destination)) { DestinationPrinter.lines($0) }
        }
    }

    struct SetLimits: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set", abstract: "Set limits; what is not given is taken away.",
            discussion: """
                Limits hold for all instances together.

                Example:
                  schedulerd destination set https://shop.example --rate 50 --burst 10 --notes "contract of May"
                """)

        @OptionGroup var server: ServerOptions
        @Argument(help: "Its number or URL.") var destination: String
        @Option(help: "Calls at once.") var maxConcurrency: Int?
        @Option(help: "Calls a second.") var rate: Double?
        @Option(help: "Calls at once after a pause, with --rate.") var burst: Int?
        @Option(help: "Failures in a row that open its breaker; 0: none.") var breakerFailures: Int?
        @Option(help: "For people.") var notes: String?

        func run() async throws {
            var writer = JSONWriter()
            writer.object { writer in
                if let maxConcurrency { writer.member("max_concurrency", maxConcurrency) }
                if let rate { writer.member("rate", number: "\(rate)") }
                if let burst { writer.member("burst", burst) }
                if let breakerFailures { writer.member("breaker_failures", breakerFailures) }
                if let notes { writer.member("notes", notes) }
            }
            try await server.call("PUT", DestinationCommand.path(destination), json: writer.bytes) {
                DestinationPrinter.lines($0)
            }
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let nothing through to it; its tasks wait and use no attempts.",
            discussion: """
                Example:
                  schedulerd destination pause https://shop.example --reason "maintenance until noon"
                """)

        @OptionGroup var server: ServerOptions
        @Argument(help: "Its number or URL.") var destination: String
        @Option(help: "Why, for people.") var reason: String = ""

        func run() async throws {
            var writer = JSONWriter()
            writer.object { $0.member("reason", reason) }
            try await server.call("POST", DestinationCommand.path(destination) + ":pause", json: writer.bytes) {
                DestinationPrinter.lines($0)
            }
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a paused one go on.",
            discussion: """
                Example:
                  schedulerd destination resume https://shop.example
                """)

        @OptionGroup var server: ServerOptions
        @Argument(help: "Its number or URL.") var destination: String

        func run() async throws {
            try await server.call("POST", DestinationCommand.path(destination) + ":resume") {
                DestinationPrinter.lines($0)
            }
        }
    }

    struct Try: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "test", abstract: "Make one call to it now, by the rules of all calls.",
            discussion: """
                It belongs to no task, and counts for no breaker or limit. The server makes it, and by its rules for
                addresses; it ends with status 1 when there is no answer with a status of 200 to 299.

                Example:
                  schedulerd destination test https://shop.example --method HEAD --path /health
                """)

        @OptionGroup var server: ServerOptions
        @Argument(help: "Its number or URL.") var destination: String
        @Option(help: "GET, HEAD, POST, PUT, PATCH or DELETE.") var method: String = "GET"
        @Option(help: "Path and query; without it those of the destination.") var path: String?
        @Option(help: "Milliseconds, 100 to 30000.") var timeout: Int = 10_000

        func run() async throws {
            var writer = JSONWriter()
            writer.object { writer in
                writer.member("method", method)
                if let path { writer.member("path", path) }
                writer.member("timeout_ms", timeout)
            }
            let answer = try await server.call(
                "POST", DestinationCommand.path(destination) + ":test", json: writer.bytes
            ) { DestinationPrinter.lines(testCall: $0) }
            if answer["class"]?.text != "success" { throw ExitCode.failure }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take its limits and its pause away.",
            discussion: """
                Example:
                  schedulerd destination delete https://shop.example
                """)

        @OptionGroup var server: ServerOptions
        @Argument(help: "Its number or URL.") var destination: String

        func run() async throws {
            try await server.call("DELETE", DestinationCommand.path(destination)) { _ in ["deleted"] }
        }
    }
}
