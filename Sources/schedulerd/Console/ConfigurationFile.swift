import ArgumentParser
import FoundationEssentials
import MySQL
import Scheduler
import ThreadPool

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

extension ConfigurationFile {
    /// Runs `body` with a connection to the configured database.
    /// - Throws: an exit, after what went wrong was printed.
    func withDatabase(_ body: (ConnectionPool, _ prefix: String) async throws -> Void) async throws {
        let database = try load().configuration.masterDB
        let pool = ConnectionPool(database.options, .init(connections: 1, waitTimeout: .seconds(30)))
        defer { pool.close() }
        do {
            try await body(pool, database.prefix)
        } catch let exit as ExitCode {
            throw exit
        } catch let error as MySQLError where error.code == .noSuchTable {
            throw CommandFailure(["schedulerd: \(error.message): run schedulerd migrate up first"]).report()
        } catch {
            throw CommandFailure(error).report()
        }
    }
}
