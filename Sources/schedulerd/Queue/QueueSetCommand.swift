import ArgumentParser
import Scheduler

/// The settings of a queue as options. What is not given stays as it is; `none` takes a setting away.
struct QueueSettingOptions: ParsableArguments {
    @Option(
        parsing: .unconditional, help: "Its class, -100 to 100: overdue tasks of a higher one go first.")
    var priority: String?
    @Option(help: "Its part of the calls that its class has for overdue tasks, 1 to 1000.") var weight: String?
    @Option(help: "The most calls in flight in the whole cluster; none: no limit.") var maxConcurrency: String?
    @Option(help: "The most calls a second in the whole cluster, fractions allowed; none: no limit.")
    var rate: String?
    @Option(help: "The most calls at once after a pause; none: what the rate gives in a tenth of a second.")
    var burst: String?
    @Option(help: "Retries of tasks that do not say; none: the server's.") var retries: String?
    @Option(help: ArgumentHelp("Their pauses, with --retries or alone: 5,15,30.", valueName: "seconds"))
    var delays: String?
    @Option(help: ArgumentHelp("The timeout of tasks that do not say; none: the server's.", valueName: "ms"))
    var timeout: String?
    @Option(
        help: ArgumentHelp(
            "What counts as success for tasks that do not say, as in the API; none: the server's.", valueName: "JSON"))
    var success: String?

    private static let none = "none"

    /// - Parameter name: of a queue that is to be made.
    /// - Throws: when a number is none.
    func document(name: String? = nil) throws -> [UInt8] {
        var members: [JSONMember] = []
        if let name { members.append(JSONMember("name", .string(name))) }
        for (field, option, text) in [
            ("priority", "--priority", priority), ("weight", "--weight", weight),
            ("max_concurrency", "--max-concurrency", maxConcurrency), ("rate_per_second", "--rate", rate),
            ("burst", "--burst", burst),
        ] {
            if let text { members.append(JSONMember(field, try Self.number(text, option))) }
        }
        var defaults: [JSONMember] = []
        if let retry = try retry() { defaults.append(JSONMember("retry", retry)) }
        if let timeout { defaults.append(JSONMember("timeout_ms", try Self.number(timeout, "--timeout"))) }
        if let success { defaults.append(JSONMember("success", try Self.json(success))) }
        if !defaults.isEmpty { members.append(JSONMember("defaults", .object(defaults))) }
        var writer = JSONWriter()
        writer.value(.object(members))
        return writer.bytes
    }

    private func retry() throws -> JSONValue? {
        if retries == Self.none, delays == nil { return .null }
        var members: [JSONMember] = []
        if let retries { members.append(JSONMember("max_retries", try Self.number(retries, "--retries"))) }
        if let delays {
            let numbers = try delays.split(separator: ",").map { try Self.number(String($0), "--delays") }
            members.append(JSONMember("delays", .array(numbers)))
        }
        return members.isEmpty ? nil : .object(members)
    }

    private static func number(_ text: String, _ option: String) throws -> JSONValue {
        if text == none { return .null }
        guard let number = Double(text), number.isFinite else {
            throw ArgumentParser.ValidationError("\(option) must be a number or none, not '\(text)'")
        }
        return .number(Int(text).map { "\($0)" } ?? "\(number)")
    }

    private static func json(_ text: String) throws -> JSONValue {
        if text == none { return .null }
        do throws(JSONFault) {
            return try JSONParser.parse(Array(text.utf8))
        } catch {
            throw ArgumentParser.ValidationError("--success is not JSON: \(error.description)")
        }
    }
}

struct QueueCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a queue.",
        discussion: """
            Examples:
              schedulerd queue create mail --rate 0.5 --burst 1
              schedulerd queue create reports --max-concurrency 2 --priority -5 --retries 3 --delays 60,600,3600
            """)

    @OptionGroup var server: ServerOptions
    @Argument(help: "Its name.") var name: String
    @OptionGroup var settings: QueueSettingOptions

    func run() async throws {
        try await server.call("POST", "/v1/queues", json: try settings.document(name: name)) {
            QueuePrinter.lines(queue: $0)
        }
    }
}

struct QueueSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Change the settings of a queue.",
        discussion: """
            Examples:
              schedulerd queue set mail --rate 100 --max-concurrency 10
              schedulerd queue set mail --rate none --success '{"statuses": ["2xx", 404]}'
            """)

    @OptionGroup var server: ServerOptions
    @Argument(help: "Its name.") var name: String
    @OptionGroup var settings: QueueSettingOptions

    func run() async throws {
        try await server.call("PATCH", QueuePath.of(name), json: try settings.document()) {
            QueuePrinter.lines(queue: $0)
        }
    }
}
