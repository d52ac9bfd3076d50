import ArgumentParser
import Scheduler

struct TaskBulkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bulk", abstract: "Cancel, retry or reschedule many tasks in the background.",
        discussion: """
            What is in no state for it is left alone. How far it is tells schedulerd operation show.

            Examples:
              schedulerd task bulk cancel --queue mail --label order=42 --dry-run
              schedulerd task bulk retry --state dead --host receiver.test --per-second 50
              schedulerd task bulk reschedule --queue mail --at 2026-11-20T10:00:00Z
            """)

    enum Action: String, ExpressibleByArgument, CaseIterable {
        case cancel, retry, reschedule
    }

    @OptionGroup var server: ServerOptions
    @Argument(help: "What is done: cancel, retry or reschedule.") var action: Action
    @OptionGroup var filter: FilterOptions
    @Flag(help: "Mean all tasks: needed when nothing else says which.") var all = false
    @Option(help: "The new time, for reschedule: RFC 3339 or unix seconds.") var at: String?
    @Option(help: "At most so many tasks a second, 1 to 1000.") var perSecond: Int = 100
    @Flag(help: "Only count them.") var dryRun = false

    func validate() throws {
        if filter.fields.isEmpty && !all { throw ArgumentParser.ValidationError("say which tasks, or --all") }
        if (action == .reschedule) != (at != nil) {
            throw ArgumentParser.ValidationError("--at is for reschedule, which needs it")
        }
    }

    func run() async throws {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("action", action.rawValue)
            writer.object("filter") { writer in
                for (name, value) in filter.fields { writer.time(name, value) }
            }
            if let at { writer.time("plan_time", at) }
            writer.member("per_second", perSecond)
            writer.member("dry_run", dryRun)
        }
        try await server.call("POST", "/v1/tasks:bulk", json: writer.bytes) { OperationPrinter.lines(started: $0) }
    }
}

extension JSONWriter {
    /// A text, or a number when a time is given as one.
    mutating func time(_ name: String, _ text: String) {
        if ["from", "to", "plan_time"].contains(name), text.first?.isNumber == true, Double(text) != nil {
            member(name, number: text)
        } else {
            member(name, text)
        }
    }
}
