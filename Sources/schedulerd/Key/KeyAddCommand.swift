import Accounts
import ArgumentParser
import MySQL
import Scheduler

struct KeyAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Make a key and print it, once.",
        discussion: """
            The last line of the output is the key.

            Examples:
              schedulerd key add shop --scopes tasks:write,tasks:read --config schedulerd.yaml
              schedulerd key add mailer --scopes tasks:write --queues mail --rate 100 --expires-in 90d --config schedulerd.yaml
              schedulerd key add ops --scopes admin --config schedulerd.yaml | tail -n 1 > ~/.schedulerd-key
            """)

    @OptionGroup var file: ConfigurationFile
    @Argument(help: "What the key is called, in the audit log too; 1 to 64 letters, digits, dots, dashes, underscores.")
    var name: String
    @Option(help: "tasks:write makes and steers tasks, tasks:read looks at them, admin is for everything; with commas.")
    var scopes = "tasks:write,tasks:read"
    @Option(help: "The only queues it is for, with commas. Default: all of them.") var queues: String?
    @Option(help: "Requests that each instance takes in a second. Default: any number.") var rate: Int?
    @Option(help: "Good for so long: 90d, 12h.") var expiresIn: DelayText?
    @Option(help: "Good until then: RFC 3339.") var expiresAt: String?
    @Flag(help: "Print it as JSON.") var json = false

    func validate() throws {
        if expiresIn != nil, expiresAt != nil {
            throw ArgumentParser.ValidationError("--expires-in and --expires-at exclude each other")
        }
        if let expiresAt, Timestamp(rfc3339: expiresAt) == nil {
            throw ArgumentParser.ValidationError(
                "--expires-at must be a time of RFC 3339, such as 2027-01-01T00:00:00Z")
        }
        _ = try parsedScopes()
    }

    func run() async throws {
        var new = NewAPIKey(name: name, scopes: try parsedScopes())
        new.queues = queues.map { Set($0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)) }
        new.requestsPerSecond = rate
        new.expiresAt =
            expiresAt.flatMap { Timestamp(rfc3339: $0) }
            ?? expiresIn.map { Timestamp.now + $0.duration }
        try await file.withKeys { store, log in
            let (key, secret) = try await store.add(new, by: UnixUser.actor)
            try await log.record(
                AuditEvent(.keyAdd, actor: UnixUser.actor, subject: key.name, after: key.auditState))
            if json {
                print(KeyPrinter.json(key, secret: secret))
            } else {
                print("added \(key.name) (\(KeyScope.text(key.scopes))); the key is shown this once:")
                print(secret.text)
            }
        }
    }

    private func parsedScopes() throws -> Set<KeyScope> {
        var parsed: Set<KeyScope> = []
        for word in scopes.split(separator: ",") {
            guard let scope = KeyScope(rawValue: String(word)) else {
                throw ArgumentParser.ValidationError(
                    "--scopes: \(word) is not one of \(KeyScope.text(Set(KeyScope.allCases)))")
            }
            parsed.insert(scope)
        }
        return parsed
    }
}
