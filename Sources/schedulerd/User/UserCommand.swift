import Accounts
import ArgumentParser
import Glibc
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
            UserDisableCommand.self, UserEnableCommand.self, UserDeleteCommand.self,
        ])
}

extension Role: ExpressibleByArgument {}

extension ConfigurationFile {
    /// Runs `body` with the configured database's users.
    /// - Throws: an exit, after what went wrong was printed.
    func withUsers(_ body: (AuditedUsers) async throws -> Void) async throws {
        let database = try load().configuration.masterDB
        let pool = ConnectionPool(database.options, .init(connections: 1, waitTimeout: .seconds(30)))
        defer { pool.close() }
        do {
            try await body(
                AuditedUsers(
                    store: UserStore(pool, prefix: database.prefix), log: AuditLog(pool, prefix: database.prefix)))
        } catch let exit as ExitCode {
            throw exit
        } catch let error as MySQLError where error.code == .noSuchTable {
            throw CommandFailure(["schedulerd: \(error.message): run schedulerd migrate up first"]).report()
        } catch {
            throw CommandFailure(error).report()
        }
    }
}

/// The users, with a log of what is done to them.
struct AuditedUsers: Sendable {
    let store: UserStore
    let log: AuditLog

    /// Changes a user and writes that down.
    func change(_ name: String, _ action: AuditAction, _ change: (UserStore) async throws -> Void) async throws {
        let before = try await store.user(name)
        try await change(store)
        let after = try await store.user(name)
        try await log.record(
            AuditEvent(
                action, actor: "cli:" + Self.unixUser, subject: (after ?? before)?.profile.name ?? name,
                before: before?.auditState, after: after?.auditState))
    }

    private static var unixUser: String {
        // A pointer into memory of the library's, which this thread alone uses.
        guard let entry = getpwuid(getuid()), let name = entry.pointee.pw_name else { return String(getuid()) }
        return String(cString: name)
    }
}
