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
            UserDisableCommand.self, UserEnableCommand.self, UserDeleteCommand.self,
        ])
}

extension Role: ExpressibleByArgument {}

extension ConfigurationFile {
    /// Runs `body` with the configured database's users.
    /// - Throws: an exit, after what went wrong was printed.
    func withUsers(_ body: (AuditedUsers) async throws -> Void) async throws {
        try await withDatabase { pool, prefix in
            try await body(AuditedUsers(store: UserStore(pool, prefix: prefix), log: AuditLog(pool, prefix: prefix)))
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
                action, actor: UnixUser.actor, subject: (after ?? before)?.profile.name ?? name,
                before: before?.auditState, after: after?.auditState))
    }
}
