import Accounts
import ArgumentParser
import Scheduler

struct UserListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the users by name.",
        discussion: """
            Example:
              schedulerd user list --config schedulerd.yaml
            """)

    @OptionGroup var file: ConfigurationFile

    func run() async throws {
        try await file.withUsers { users in
            let all = try await users.store.all()
            for user in all { print(Self.line(user)) }
            if all.isEmpty { print("no users") }
        }
    }

    static func line(_ user: User) -> String {
        let profile = user.profile
        var fields = [profile.name, profile.role.rawValue, user.disabledAt == nil ? "enabled" : "disabled"]
        fields += [profile.email, profile.realName, profile.telephone].filter { !$0.isEmpty }
        fields.append("since \(user.createdAt.rfc3339)")
        return fields.joined(separator: "  ")
    }
}
