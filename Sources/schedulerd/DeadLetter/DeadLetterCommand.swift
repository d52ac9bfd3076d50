import ArgumentParser
import Scheduler

struct DeadLetterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letter", abstract: "List and retry tasks of a running server that failed for good.",
        discussion: """
            Examples:
              schedulerd dead-letter list --queue mail --reason timeout
              schedulerd dead-letter retry --host receiver.test --per-second 50
            """,
        subcommands: [DeadLetterListCommand.self, DeadLetterRetryCommand.self])
}

/// Which dead letters.
struct DeadLetterOptions: ParsableArguments {
    @Option(help: "Only this queue.") var queue: String?
    @Option(help: "Only calls of this host, or host:port.") var host: String?
    @Option(help: "Only those whose reason has this in it, in any case.") var reason: String?
    @Option(help: "Died at or after: RFC 3339 or unix seconds.") var from: String?
    @Option(help: "Died before: RFC 3339 or unix seconds.") var to: String?

    /// Those that were given.
    var fields: [(String, String)] {
        [("queue", queue), ("host", host), ("reason", reason), ("from", from), ("to", to)]
            .compactMap { name, value in value.map { (name, $0) } }
    }
}

struct DeadLetterListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List them, the newest death first.",
        discussion: """
            Example:
              schedulerd dead-letter list --queue mail --from 2026-11-20T00:00:00Z
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var filter: DeadLetterOptions
    @OptionGroup var page: PageOptions

    func run() async throws {
        try await server.call("GET", "/v1/dead-letters", query: filter.fields + page.query) { page in
            let lines = (page["dead_letters"]?.elements ?? []).flatMap { letter in
                [
                    "\(TaskPrinter.text(letter["id"]))  \(TaskPrinter.pad(TaskPrinter.text(letter["died_at"]), 27))  "
                        + "\(TaskPrinter.text(letter["method"])) \(TaskPrinter.text(letter["url"]))",
                    "   \(TaskPrinter.text(letter["reason"]))",
                ]
            }
            return PageOptions.lines(page, lines, nothing: "no dead letters")
        }
    }
}

struct DeadLetterRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Retry all that there are now, the oldest first, in the background.",
        discussion: """
            How far it is tells schedulerd operation show.

            Examples:
              schedulerd dead-letter retry --queue mail --dry-run
              schedulerd dead-letter retry --host receiver.test:8080 --per-second 20
              schedulerd dead-letter retry --all
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var filter: DeadLetterOptions
    @Flag(help: "Mean all dead letters: needed when nothing else says which.") var all = false
    @Option(help: "At most so many tasks a second, 1 to 1000.") var perSecond: Int = 100
    @Flag(help: "Only count them.") var dryRun = false

    func validate() throws {
        if filter.fields.isEmpty && !all { throw ArgumentParser.ValidationError("say which dead letters, or --all") }
    }

    func run() async throws {
        var writer = JSONWriter()
        writer.object { writer in
            writer.object("filter") { writer in
                for (name, value) in filter.fields { writer.time(name, value) }
            }
            writer.member("per_second", perSecond)
            writer.member("dry_run", dryRun)
        }
        try await server.call("POST", "/v1/dead-letters:retry", json: writer.bytes) {
            OperationPrinter.lines(started: $0)
        }
    }
}
