import ArgumentParser
import FoundationEssentials
import Scheduler

/// What a process that serves is told on its command line.
struct ServeOptions: ParsableArguments {
    @Option(help: "The configuration file (YAML). SCHEDULERD_… variables override what it says.")
    var config: String?
    @Option(
        name: .customLong("delayqs-config"),
        help: "The configuration file of delayQS (JSON): its sorted set becomes one more of intake.sources.")
    var delayQSConfig: String?
    @Option(help: "What the process does, comma separated: api, admin, intake, worker. Default: as configured.")
    var roles: String?
    @Option(help: "The pid file. Default: pid_file of the configuration.")
    var pidFile: String?
    @Option(help: "The log file. Default: log.file of the configuration.")
    var logFile: String?

    func validate() throws {
        guard config != nil || delayQSConfig != nil else {
            throw ArgumentParser.ValidationError("--config is missing; with --delayqs-config it may be")
        }
    }

    var input: ConfigurationInput {
        let options = [
            ("roles", "--roles", roles), ("pid_file", "--pid-file", pidFile), ("log.file", "--log-file", logFile),
        ]
        return ConfigurationInput(
            file: config, delayQSFile: delayQSConfig, environment: ProcessInfo.processInfo.environment,
            options: options.compactMap { path, name, value in
                value.map { ConfigurationInput.Option(path, name, $0) }
            })
    }

    /// The same command line, for another process in the same folder.
    var arguments: [String] {
        let options = [
            ("--config", config), ("--delayqs-config", delayQSConfig), ("--roles", roles), ("--pid-file", pidFile),
            ("--log-file", logFile),
        ]
        return options.flatMap { name, value in value.map { ["\(name)=\($0)"] } ?? [] }
    }
}

extension ConfigurationInput {
    /// What the files held, and what it means.
    /// - Throws: an exit with status 78 after every problem was printed, one a line.
    func loadOrExit() throws -> (content: Content, loaded: Configuration.Loaded) {
        let content = read()
        do throws(ConfigurationError) {
            return (content, try check(content))
        } catch {
            throw CommandFailure(error.problems.map(\.description), status: CommandFailure.configuration).report()
        }
    }
}
