import ArgumentParser
import Migrations
import Scheduler

struct MigrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring the database's tables to the schema of this build.",
        discussion: """
            Migrations go forward only. Any number of programs may start `migrate up` at the same time: one does it.

            Examples:
              schedulerd migrate status --config schedulerd.yaml
              schedulerd migrate up --config schedulerd.yaml
              schedulerd migrate verify --config schedulerd.yaml && echo this build can run on the database
            """,
        subcommands: [MigrateUpCommand.self, MigrateStatusCommand.self, MigrateVerifyCommand.self])
}

struct MigrateUpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Apply what is pending.",
        discussion: """
            A step that was begun and not seen to end is refused, because nobody knows whether it took effect. Look, and
            say what to do about it:
              schedulerd migrate up --redo-step --config schedulerd.yaml   (it did not)
              schedulerd migrate up --skip-step --config schedulerd.yaml   (it did)
            """)

    @OptionGroup var file: ConfigurationFile
    @Flag(help: "Run a half-applied step again.") var redoStep = false
    @Flag(help: "Take a half-applied step for done.") var skipStep = false

    func validate() throws {
        if redoStep && skipStep {
            throw ArgumentParser.ValidationError("--redo-step and --skip-step exclude each other")
        }
    }

    func run() throws {
        let resume: Migrator.Resume = redoStep ? .redoStep : skipStep ? .skipStep : .refuse
        try file.withMigrator { migrator in
            let applied = try migrator.up(resume)
            for status in applied { print(status) }
            if applied.isEmpty { print("nothing to do") }
        }
    }
}

struct MigrateStatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "List the migrations and what the database knows of them.",
        discussion: """
            Example:
              schedulerd migrate status --config schedulerd.yaml
            """)

    @OptionGroup var file: ConfigurationFile

    func run() throws {
        try file.withMigrator { migrator in
            for status in try migrator.status() {
                if case .applied(let time) = status.state {
                    print("\(status) at \(time.rfc3339)")
                } else {
                    print(status)
                }
            }
        }
    }
}

struct MigrateVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Tell whether this build can run on the database; status 1 when it cannot.",
        discussion: """
            Example:
              schedulerd migrate verify --config schedulerd.yaml
            """)

    @OptionGroup var file: ConfigurationFile

    func run() throws {
        try file.withMigrator { migrator in
            let problems = try migrator.verify()
            guard problems.isEmpty else { throw CommandFailure(problems).report() }
            print("the database has the schema of this build")
        }
    }
}

extension ConfigurationFile {
    fileprivate func withMigrator(_ body: (Migrator) throws -> Void) throws {
        let database = try load().configuration.masterDB
        do {
            try body(Migrator(options: database.options, prefix: database.prefix))
        } catch let exit as ExitCode {
            throw exit
        } catch {
            throw CommandFailure(error).report()
        }
    }
}
