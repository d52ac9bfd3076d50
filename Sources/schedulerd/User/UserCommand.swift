import Accounts
import ArgumentParser
import MySQL
import Scheduler
import ThreadPool

struct UserCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Say who may use the administration pages.",
        discussion: """
            Passwords are asked for on the terminal, read from standard input or made here; never taken from the command
            line, where everybody on the machine can read them.

            Examples:
              schedulerd user add alice --role administrator --generate --config schedulerd.yaml
              schedulerd user list --config schedulerd.yaml
            """,
        subcommands: [
            UserAddCommand.self, UserPasswordCommand.self, UserRoleCommand.self, UserListCommand.self,
            UserDisableCommand.self, UserEnableCommand.self,
        ])
}

extension Role: ExpressibleByArgument {}

extension ConfigurationFile {
    /// Runs `body` with the configured database's users.
    /// - Throws: an exit, after what went wrong was printed.
    func withUsers(_ body: (UserStore) async throws -> Void) async throws {
        let database = try load().configuration.masterDB
        let pool = ConnectionPool(database.options, .init(connections: 1, waitTimeout: .seconds(30)))
        defer { pool.close() }
        do {
            try await body(UserStore(pool, prefix: database.prefix))
        } catch let exit as ExitCode {
            throw exit
        } catch let error as MySQLError where error.code == .noSuchTable {
            throw CommandFailure(["schedulerd: \(error.message): run schedulerd migrate up first"]).report()
        } catch {
            throw CommandFailure(error).report()
        }
    }
}
