import ArgumentParser

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take over from an old program.",
        discussion: """
            Stop the old program first. Importing twice imports nothing twice. docs/migrating.md has the steps.

            Example:
              schedulerd import delay-queue --dry-run --from mysql://root@127.0.0.1/gin --config schedulerd.yaml
            """,
        subcommands: [ImportDelayQueueCommand.self])
}
