import ArgumentParser
import Glibc

/// The program. Each command is a file.
@main
struct Schedulerd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedulerd",
        abstract: "A durable HTTP task scheduler: calls a URL at a time, retries, and logs every attempt.",
        discussion: """
            Try it out, with a private database in ./schedulerd-data:
              schedulerd dev

            Run it for real:
              schedulerd migrate up --config /etc/schedulerd/schedulerd.yaml
              schedulerd serve --config /etc/schedulerd/schedulerd.yaml

            Ask for a callback:
              schedulerd task add --url http://127.0.0.1:9000/hook --in 10m
            """,
        subcommands: [
            ServeCommand.self, StartCommand.self, StopCommand.self, RestartCommand.self, StatusCommand.self,
            DevCommand.self, MigrateCommand.self, DoctorCommand.self, TaskCommand.self, DeadLetterCommand.self,
            OperationCommand.self, QueueCommand.self, ScheduleCommand.self, DestinationCommand.self,
            QuarantineCommand.self, InstanceCommand.self, AuditCommand.self, UserCommand.self, KeyCommand.self,
            ImportCommand.self, ExportCommand.self, VersionCommand.self, BareIntakeCommand.self,
        ])

    static func main() async {
        // A peer that closes its end is an error of a call, never the end of the program.
        signal(SIGPIPE, SIG_IGN)
        await main(nil)
    }
}
