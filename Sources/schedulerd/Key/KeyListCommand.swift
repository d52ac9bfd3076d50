import Accounts
import ArgumentParser
import MySQL

struct KeyListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the keys by name; never the keys themselves.",
        discussion: """
            Example:
              schedulerd key list --config schedulerd.yaml
            """)

    @OptionGroup var file: ConfigurationFile
    @Flag(help: "Print JSON, an object in a line.") var json = false

    func run() async throws {
        try await file.withKeys { store, _ in
            let keys = try await store.all()
            for key in keys { print(json ? KeyPrinter.json(key) : KeyPrinter.line(key, now: .now)) }
            if keys.isEmpty, !json { print("no keys") }
        }
    }
}
