import ArgumentParser

struct TaskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "task",
        abstract: "Add, show, list, change, run, cancel, retry and export tasks of a running server.",
        discussion: """
            Examples:
              schedulerd task add --url http://127.0.0.1:9000/hook --in 10m --body '{"order": 42}'
              schedulerd task list --state dead
              schedulerd task get 0198a3f2-7c1e-7abc-9def-0123456789ab
            """,
        subcommands: [
            TaskAddCommand.self, TaskGetCommand.self, TaskListCommand.self, TaskEditCommand.self,
            TaskRunCommand.self, TaskCancelCommand.self, TaskRetryCommand.self, TaskBatchCommand.self,
            TaskBulkCommand.self, TaskExportCommand.self,
        ])
}
