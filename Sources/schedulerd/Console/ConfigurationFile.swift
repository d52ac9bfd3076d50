import ArgumentParser
import FoundationEssentials
import Scheduler

/// The option `--config` of the commands that need a configuration.
struct ConfigurationFile: ParsableArguments {
    @Option(name: .long, help: "The configuration file (YAML). SCHEDULERD_… variables override what it says.")
    var config: String

    /// - Throws: an exit with status 78 after every problem was printed, one a line.
    func load() throws -> Configuration.Loaded {
        do throws(ConfigurationError) {
            return try Configuration.load(file: config, environment: ProcessInfo.processInfo.environment)
        } catch {
            throw CommandFailure(error.problems.map(\.description), status: CommandFailure.configuration).report()
        }
    }
}
