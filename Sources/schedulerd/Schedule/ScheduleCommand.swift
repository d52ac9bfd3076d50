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
            ScheduleAddCommand.self, ScheduleListCommand.self, ScheduleShowCommand.self, ScheduleNextCommand.self,
            SchedulePauseCommand.self, ScheduleResumeCommand.self, ScheduleRunCommand.self, ScheduleDeleteCommand.self,
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
    @Option(help: "A cron expression of five fields, or six with the second in front.") var cron: String?
    @Option(help: "The time zone of --cron. Default: UTC.") var timezone: String?
    @Option(help: "A fixed rate: 30s, 10m, 1h30m.") var every: DelayText?
    @Option(help: "A time of a series: RFC 3339; may be given several times.") var time: [String] = []
    @Option(help: "No run before it: RFC 3339.") var startsAt: String?
    @Option(help: "No run after it: RFC 3339.") var endsAt: String?
    @Option(help: "skip, run_once or run_all: what becomes of runs that nobody could make in time.") var missed: String?
    @Option(help: "allow or skip: whether a run begins while the last one is not finished.") var overlap: String?
    @Option(help: "Each run comes up to so much later: 30s.") var jitter: DelayText?
    @Flag(help: "It waits for schedule resume.") var paused = false
    @Option(help: "What to call.") var url: String
    @Option(help: "GET, HEAD, POST, PUT, PATCH or DELETE. Default: the server's.") var method: String?
    @Option(help: "The body, as text.") var body: String?
    @Option(help: "The queue. Default: the server's.") var queue: String?
    @Option(help: "Retries after the first attempt. Default: the server's.") var retries: Int?
    @OptionGroup var following: FollowUpOptions

    func run() async throws {
        let document = try document()
        try await server.call("POST", "/v1/schedules", json: document) { SchedulePrinter.lines(schedule: $0) }
    }

    func document() throws -> [UInt8] {
        let followUps = try following.members()
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("name", name)
            if let cron { writer.member("cron", cron) }
            if let timezone { writer.member("timezone", timezone) }
            if let every { writer.member("every_s", number: RetrySchedule.secondsText(every.duration)) }
            if !time.isEmpty {
                writer.array("times") { writer in
                    for time in time { writer.string(time) }
                }
            }
            if let startsAt { writer.member("starts_at", startsAt) }
            if let endsAt { writer.member("ends_at", endsAt) }
            if let missed { writer.member("missed", missed) }
            if let overlap { writer.member("overlap", overlap) }
            if let jitter { writer.member("jitter_ms", Int(jitter.duration.microseconds / 1000)) }
            if paused { writer.member("paused", true) }
            writer.object("task") { writer in
                if let queue { writer.member("queue", queue) }
                writer.object("request") { writer in
                    writer.member("url", url)
                    if let method { writer.member("method", method) }
                    if let body { writer.member("body", body) }
                }
                if let retries { writer.object("retry") { $0.member("max_retries", retries) } }
                for (name, followUp) in followUps { writer.member(name, followUp) }
            }
        }
        return writer.bytes
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
    @Option(help: "How many, 1 to 500.") var limit: Int = 50
    @Option(help: "Go on where an earlier list ended.") var cursor: String?

    func run() async throws {
        let query = (cursor.map { [("cursor", $0)] } ?? []) + [("limit", "\(limit)")]
        try await server.call("GET", "/v1/schedules", query: query) { SchedulePrinter.lines(schedules: $0) }
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
        let schedules = page["schedules"]?.elements ?? []
        var lines = schedules.map { schedule in
            let next = schedule["paused_at"]?.text == nil ? TaskPrinter.text(schedule["next_at"]) : "paused"
            return [TaskPrinter.text(schedule["name"]), TaskPrinter.pad(next, 27), rule(schedule)].joined(
                separator: "  ")
        }
        if let next = page["next_cursor"]?.text {
            lines.append("there may be more: --cursor \(next)")
        } else if lines.isEmpty {
            lines.append("no schedules")
        }
        return lines
    }

    private static func rule(_ schedule: JSONValue) -> String {
        if let cron = schedule["cron"]?.text { return "\(cron) (\(TaskPrinter.text(schedule["timezone"])))" }
        if case .number(let seconds)? = schedule["every_s"] { return "every \(seconds) s" }
        return "\(schedule["times"]?.elements.count ?? 0) times"
    }
}
