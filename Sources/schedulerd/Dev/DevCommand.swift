import ArgumentParser
import FoundationEssentials
import Logging
import Scheduler
import ServiceLifecycle
import UnixSignals

struct DevCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev", abstract: "Run everything on this machine, with a private MariaDB and Redis.",
        discussion: """
            Both servers keep their data in one folder and listen on unix sockets only; the HTTP API is on 127.0.0.1.
            Without keys: set SCHEDULERD_API_AUTHENTICATION=keys to try them.
            Ctrl-C stops everything, the data stays. If the last one was killed, its servers are taken over.

            Examples:
              schedulerd dev
              schedulerd dev --data /tmp/try --port 9090
            """)

    @Option(help: "The folder for all data; it is made when it is not there.") var data = "schedulerd-data"
    @Option(help: "The port of the HTTP API on 127.0.0.1; 0 for any.") var port = 8080

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ArgumentParser.ValidationError("--port must be 0 to 65535") }
    }

    func run() async throws {
        let configuration: Configuration
        let environment = ProcessInfo.processInfo.environment
        do throws(ConfigurationError) {
            configuration = try Configuration.load(
                file: nil, environment: environment
            ).configuration
        } catch {
            throw CommandFailure(error.problems.map(\.description), status: CommandFailure.configuration).report()
        }
        do {
            try LineLog.bootstrap(configuration.log)
        } catch {
            throw CommandFailure(error).report()
        }
        let logger = Logger(label: "schedulerd")
        var quiet = logger
        quiet.logLevel = .error
        let service = DevService(
            folder: data, port: port, configuration: configuration,
            asksForKeys: environment["SCHEDULERD_API_AUTHENTICATION"] == "keys", logger: logger)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    ServiceGroupConfiguration.ServiceConfiguration(
                        service: service, successTerminationBehavior: .gracefullyShutdownGroup)
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet))
        do {
            try await group.run()
        } catch {
            throw CommandFailure(error).report()
        }
    }
}
