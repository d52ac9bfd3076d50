import ArgumentParser
import FoundationEssentials
import Scheduler

/// Which process a command is about.
struct ProcessOptions: ParsableArguments {
    @Option(help: "The configuration file, which names the pid file.")
    var config: String?
    @Option(help: "The pid file. Default: pid_file of the configuration.")
    var pidFile: String?

    /// The configuration, when it is needed to know the pid file or is named.
    func load() throws -> Configuration {
        guard config != nil || pidFile == nil else { return Configuration() }
        let options = pidFile.map { [ConfigurationInput.Option("pid_file", "--pid-file", $0)] } ?? []
        let input = ConfigurationInput(
            file: config, environment: ProcessInfo.processInfo.environment, options: options)
        return try input.loadOrExit().loaded.configuration
    }

    /// - Throws: an exit when no pid file is named anywhere.
    func pidFile(_ configuration: Configuration) throws -> PidFile {
        if let pidFile { return PidFile(path: pidFile) }
        return try PidFile(configuration)
    }
}

extension PidFile {
    /// - Throws: an exit when none is named.
    init(_ configuration: Configuration) throws {
        guard let path = configuration.pidFile else {
            throw CommandFailure(
                ["schedulerd: no pid file is named: give --pid-file, or set pid_file in the configuration"],
                status: CommandFailure.configuration
            ).report()
        }
        self.init(path: path)
    }
}
