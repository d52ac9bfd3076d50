import ArgumentParser
import Logging
import Scheduler
import ServiceLifecycle
import UnixSignals
import Web

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the scheduler until SIGTERM or SIGINT.",
        discussion: """
            The database must be migrated first (schedulerd migrate up). On SIGTERM it stops claiming, lets running calls
            finish within shutdown.drain_s, gives the rest back and exits with status 0. A configuration with problems
            is refused with status 78 and all of them on standard error.

            Examples:
              schedulerd serve --config /etc/schedulerd/schedulerd.yaml
              schedulerd serve --config schedulerd.yaml --roles api
              schedulerd serve --config schedulerd.yaml --roles worker
            """)

    @OptionGroup var file: ConfigurationFile
    @Option(help: "What this process does, comma separated: api, admin, intake, worker. Default: as configured.")
    var roles: RoleList?

    func run() async throws {
        let loaded = try file.load()
        var configuration = loaded.configuration
        if let roles { configuration.roles = roles.roles }
        LineLog.bootstrap(configuration.log)
        let logger = Logger(label: "schedulerd")
        for warning in loaded.warnings { logger.warning("\(warning)") }
        do {
            try await ServingGroup.run(configuration, logger: logger)
        } catch {
            logger.critical("\(error)")
            throw ExitCode.failure
        }
    }
}

/// The roles of a process, as a command line writes them.
struct RoleList: ExpressibleByArgument {
    let roles: Set<Configuration.Role>

    init?(argument: String) {
        var roles: Set<Configuration.Role> = []
        for name in argument.split(separator: ",", omittingEmptySubsequences: false) {
            guard let role = Configuration.Role(rawValue: String(name.drop { $0 == " " })) else { return nil }
            roles.insert(role)
        }
        self.roles = roles
    }
}
