import ArgumentParser
import MySQL
import Scheduler

struct ScheduleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule", abstract: "Make, look at and steer tasks that come again and again, through the API.",
        discussion: """
            Examples:
              schedulerd schedule add nightly --cron '0 3 * * *' --timezone Europe/Berlin --url http://127.0.0.1:9000/close
              schedulerd schedule add beat --every 30s --url http://127.0.0.1:9000/beat --overlap skip
              schedulerd schedule next nightly --count 5
              schedulerd schedule pause nightly
            """,
        subcommands: [
            ScheduleAddCommand.self, ScheduleSetCommand.self, ScheduleListCommand.self, ScheduleShowCommand.self,
            ScheduleNextCommand.self, SchedulePauseCommand.self, ScheduleResumeCommand.self, ScheduleRunCommand.self,
            ScheduleDeleteCommand.self,
        ])
}

struct ScheduleAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Make a schedule.",
        discussion: """
            Examples:
              schedulerd schedule add nightly --cron '0 3 * * *' --timezone Europe/Berlin --url http://127.0.0.1:9000/close
              schedulerd schedule add beat --every 30s --url http://127.0.0.1:9000/beat --overlap skip
              schedulerd schedule add release --time 2026-12-01T10:00:00Z --time 2026-12-08T10:00:00Z --url http://127.0.0.1:9000/r
            """)

    @OptionGroup var server: ServerOptions
    @Argument(help: "The schedule's name; 1 to 100 letters, digits, dots, dashes, underscores.") var name: String
    @Flag(help: "It waits for schedule resume.") var paused = false
    @OptionGroup var definition: ScheduleOptions

    func run() async throws {
        let document = try document()
        try await server.call("POST", "/v1/schedules", json: document) { SchedulePrinter.lines(schedule: $0) }
    }

    func document() throws -> [UInt8] {
        try definition.document { writer in
            writer.member("name", name)
            if paused { writer.member("paused", true) }
        }
    }
}

struct ScheduleSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Put another definition in the place of a schedule's.",
        discussion: """
            What is not given takes its default, as in add. Whether it is paused stays as it is.

            Example:
              schedulerd schedule set nightly --cron '30 3 * * *' --timezone Europe/Berlin --url http://127.0.0.1:9000/close
            """)

    @OptionGroup var server: ServerOptions
    @Argument(help: "The schedule's name.") var name: String
    @OptionGroup var definition: ScheduleOptions

    func run() async throws {
        let document = try definition.document()
        try await server.call("PUT", SchedulePrinter.path(name), json: document) {
            SchedulePrinter.lines(schedule: $0)
        }
    }
}

struct ScheduleListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the schedules by name.",
        discussion: """
            Example:
              schedulerd schedule list
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var page: PageOptions

    func run() async throws {
        try await server.call("GET", "/v1/schedules", query: page.query) { SchedulePrinter.lines(schedules: $0) }
    }
}

struct ScheduleShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a schedule.",
        discussion: """
            Its runs are tasks: schedulerd task list --label schedule=NAME

            Example:
              schedulerd schedule show nightly
            """)

    @OptionGroup var server: ServerOptions
    @Argument(help: "The schedule's name.") var name: String

    func run() async throws {
        try await server.call("GET", SchedulePrinter.path(name)) { SchedulePrinter.lines(schedule: $0) }
    }
}

struct ScheduleNextCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "next", abstract: "Show when the next runs are.",
        discussion: """
            Example:
              schedulerd schedule next nightly --count 5
            """)

    @OptionGroup var server: ServerOptions
    @Argument(help: "The schedule's name.") var name: String
    @Option(help: "How many, 1 to 100.") var count: Int = 10

    func run() async throws {
        try await server.call("GET", SchedulePrinter.path(name) + "/next", query: [("count", "\(count)")]) { page in
            let times = page["next"]?.elements ?? []
            return times.isEmpty ? ["none"] : times.map { TaskPrinter.text($0) }
        }
    }
}

struct SchedulePauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Make no more runs until resume.",
        discussion: """
            Runs of the next seconds are tasks already, and are called.

            Example:
              schedulerd schedule pause nightly
            """)

    @OptionGroup var server: ServerOptions
    @Argument(help: "The schedule's name.") var name: String

    func run() async throws {
        try await server.call("POST", SchedulePrinter.path(name) + ":pause") { SchedulePrinter.lines(schedule: $0) }
    }
}

struct ScheduleResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Go on with the first run after now.",
        discussion: """
            Example:
              schedulerd schedule resume nightly
            """)

    @OptionGroup var server: ServerOptions
    @Argument(help: "The schedule's name.") var name: String

    func run() async throws {
        try await server.call("POST", SchedulePrinter.path(name) + ":resume") { SchedulePrinter.lines(schedule: $0) }
    }
}

struct ScheduleRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Make a run of now, beside the others.",
        discussion: """
            Example:
              schedulerd schedule run nightly
            """)

    @OptionGroup var server: ServerOptions
    @Argument(help: "The schedule's name.") var name: String

    func run() async throws {
        try await server.call("POST", SchedulePrinter.path(name) + ":run") { TaskPrinter.lines(task: $0) }
    }
}

struct ScheduleDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Remove a schedule; its tasks stay.",
        discussion: """
            Example:
              schedulerd schedule delete nightly
            """)

    @OptionGroup var server: ServerOptions
    @Argument(help: "The schedule's name.") var name: String

    func run() async throws {
        try await server.call("DELETE", SchedulePrinter.path(name)) { _ in ["\(name) is removed"] }
    }
}

enum SchedulePrinter {
    static func path(_ name: String) -> String { "/v1/schedules/\(APIClient.escape(name))" }

    static func lines(schedule: JSONValue) -> [String] {
        let request = schedule["task"]?["request"]
        let rows: [(String, String)] = [
            ("name", TaskPrinter.text(schedule["name"])),
            ("rule", rule(schedule)),
            ("next", schedule["paused_at"]?.text.map { "paused since \($0)" } ?? TaskPrinter.text(schedule["next_at"])),
            ("missed", TaskPrinter.text(schedule["missed"])),
            ("overlap", TaskPrinter.text(schedule["overlap"])),
            ("queue", TaskPrinter.text(schedule["task"]?["queue"])),
            ("request", "\(TaskPrinter.text(request?["method"])) \(TaskPrinter.text(request?["url"]))"),
            ("last run", TaskPrinter.text(schedule["last_run_at"])),
            ("runs", "\(TaskPrinter.text(schedule["runs"])), left out \(TaskPrinter.text(schedule["skipped"])) times"),
        ]
        return rows.map { name, value in TaskPrinter.pad(name, 10) + value }
    }

    static func lines(schedules page: JSONValue) -> [String] {
        let lines = (page["schedules"]?.elements ?? []).map { schedule in
            let next = schedule["paused_at"]?.text == nil ? TaskPrinter.text(schedule["next_at"]) : "paused"
            return [TaskPrinter.text(schedule["name"]), TaskPrinter.pad(next, 27), rule(schedule)].joined(
                separator: "  ")
        }
        return PageOptions.lines(page, lines, nothing: "no schedules")
    }

    private static func rule(_ schedule: JSONValue) -> String {
        if let cron = schedule["cron"]?.text { return "\(cron) (\(TaskPrinter.text(schedule["timezone"])))" }
        if case .number(let seconds)? = schedule["every_s"] { return "every \(seconds) s" }
        return "\(schedule["times"]?.elements.count ?? 0) times"
    }
}
