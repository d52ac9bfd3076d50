import ArgumentParser

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take over from an old program.",
        discussion: """
            Stop the old program first. Importing twice imports nothing twice. docs/migrating.md has the steps.

            Examples:
              schedulerd import delay-queue --dry-run --from mysql://root@127.0.0.1/gin --config schedulerd.yaml
              schedulerd import delayqs --dry-run --redis redis://127.0.0.1:6379/ --config schedulerd.yaml
            """,
        subcommands: [ImportDelayQueueCommand.self, ImportDelayQSCommand.self])
}
