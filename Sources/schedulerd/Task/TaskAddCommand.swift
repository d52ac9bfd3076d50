import ArgumentParser
import FoundationEssentials
import MySQL
import Scheduler

struct TaskAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Ask for a URL to be called at a time.",
        discussion: """
            Without --at and --in it is called at once. --in counts from this machine's clock.

            Examples:
              schedulerd task add --url http://127.0.0.1:9000/hook --in 5s
              schedulerd task add --url https://example.org/remind --at 2026-11-20T10:00:00.250Z --method PUT \\
                --header 'Content-Type: application/json' --body '{"order": 42}' --queue mail --label order=42
              schedulerd task add --url http://127.0.0.1:9000/hook --in 2h --body-file letter.bin --retries 0
              schedulerd task add --url http://127.0.0.1:9000/hook \\
                --success '{"statuses": ["2xx", 404], "body_contains": "done", "permanent_failure": [410]}'
              schedulerd task add --url http://127.0.0.1:9000/hook --expires-in 10m \\
                --on-success http://127.0.0.1:9000/done \\
                --on-failure '{"request": {"url": "http://127.0.0.1:9000/failed"}, "delay_s": 30}'
            """)

    @OptionGroup var server: ServerOptions
    @Option(help: "What to call.") var url: String
    @Option(help: "When: RFC 3339 (2026-11-20T10:00:00Z) or unix seconds.") var at: String?
    @Option(name: .customLong("in"), help: "When, counted from now: 250ms, 5s, 10m, 2h, 1d, 1h30m.")
    var delay: DelayText?
    @Option(help: "GET, HEAD, POST, PUT, PATCH or DELETE. Default: the server's.") var method: String?
    @Option(help: ArgumentHelp("A header field; may be given several times.", valueName: "name: value"))
    var header: [String] = []
    @Option(help: "The body, as text.") var body: String?
    @Option(help: "A file that holds the body; - for standard input.") var bodyFile: String?
    @Option(help: "The queue. Default: the server's.") var queue: String?
    @Option(help: "Retries after the first attempt. Default: the server's.") var retries: Int?
    @Option(
        help: ArgumentHelp(
            "What counts as success, as in the field success of the API. Default: the server's.", valueName: "JSON"))
    var success: String?
    @Option(help: ArgumentHelp("A label; may be given several times.", valueName: "key=value"))
    var label: [String] = []
    @Option(help: "When it is not called any more: RFC 3339 or unix seconds.") var expiresAt: String?
    @Option(help: "The same, counted from now as with --in.") var expiresIn: DelayText?
    @OptionGroup var following: FollowUpOptions

    func validate() throws {
        if at != nil && delay != nil { throw Self.fault("--at and --in exclude each other") }
        if body != nil && bodyFile != nil { throw Self.fault("--body and --body-file exclude each other") }
        if expiresAt != nil && expiresIn != nil { throw Self.fault("--expires-at and --expires-in exclude each other") }
        _ = try criteria()
        _ = try pairs(header, separator: ":", option: "--header", form: "'Name: value'")
        _ = try pairs(label, separator: "=", option: "--label", form: "key=value")
    }

    func run() async throws {
        try await server.call("POST", "/v1/tasks", json: try document()) { TaskPrinter.lines(task: $0) }
    }

    // MARK: Document

    func document(now: Timestamp = .now) throws -> [UInt8] {
        let content = try content()
        let (criteria, followUps) = (try criteria(), try following.members())
        let headers = try pairs(header, separator: ":", option: "--header", form: "'Name: value'")
        let labels = try pairs(label, separator: "=", option: "--label", form: "key=value")
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("plan_time", time: at ?? (now + (delay?.duration ?? .zero)).rfc3339)
            if let time = expiresAt ?? expiresIn.map({ (now + $0.duration).rfc3339 }) {
                writer.member("expires_at", time: time)
            }
            if let queue { writer.member("queue", queue) }
            writer.object("request") { writer in
                writer.member("url", url)
                if let method { writer.member("method", method) }
                if !headers.isEmpty {
                    writer.object("headers") { writer in
                        for (name, value) in headers { writer.member(name, value) }
                    }
                }
                guard let content else { return }
                if let text = String(validating: content, as: UTF8.self) {
                    writer.member("body", text)
                } else {
                    writer.member("body", Base64.encode(content))
                    writer.member("body_encoding", "base64")
                }
            }
            if let criteria { writer.member("success", criteria) }
            if let retries { writer.object("retry") { $0.member("max_retries", retries) } }
            if !labels.isEmpty {
                writer.object("labels") { writer in
                    for (name, value) in labels { writer.member(name, value) }
                }
            }
            for (name, followUp) in followUps { writer.member(name, followUp) }
        }
        return writer.bytes
    }

    private func criteria() throws -> JSONValue? {
        try success.map { try JSONValue(argument: $0, of: "--success") }
    }

    private func content() throws -> [UInt8]? {
        if let body { return Array(body.utf8) }
        guard let bodyFile else { return nil }
        do {
            return Array(try Data(contentsOf: URL(filePath: bodyFile == "-" ? "/dev/stdin" : bodyFile)))
        } catch {
            throw CommandFailure(["schedulerd: \(bodyFile) cannot be read: \(error)"]).report()
        }
    }

    private func pairs(
        _ texts: [String], separator: Character, option: String, form: String
    ) throws -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        for text in texts {
            guard let index = text.firstIndex(of: separator), index > text.startIndex else {
                throw Self.fault("\(option) must be \(form), not '\(text)'")
            }
            let name = String(text[..<index])
            guard !pairs.contains(where: { $0.name == name }) else {
                throw Self.fault("\(option) \(name) is there twice")
            }
            let value = text[text.index(after: index)...].drop { separator == ":" && $0 == " " }
            pairs.append((name, String(value)))
        }
        return pairs
    }

    private static func fault(_ message: String) -> any Error { ArgumentParser.ValidationError(message) }
}

extension DelayText: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }
}
