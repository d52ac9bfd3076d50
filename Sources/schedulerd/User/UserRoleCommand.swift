import Accounts
import ArgumentParser

struct UserRoleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "role", abstract: "Give a user another role.",
        discussion: """
            The last administrator who can sign in stays one.

            Example:
              schedulerd user role bob operator --config schedulerd.yaml
            """)

    @OptionGroup var file: ConfigurationFile
    @Argument(help: "The user's name.") var name: String
    @Argument(help: "viewer, operator or administrator.") var role: Role

    func run() async throws {
        try await file.withUsers { users in
            try await users.change(name, .userEdit) { try await $0.setRole(of: name, role) }
            print("\(name) is \(role.rawValue)")
        }
    }
}
