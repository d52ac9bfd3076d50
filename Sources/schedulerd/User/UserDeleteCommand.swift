import Accounts
import ArgumentParser

struct UserDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Remove a user for good.",
        discussion: """
            What the user did stays in the audit log. The last administrator who can sign in cannot be removed.

            Example:
              schedulerd user delete bob --config schedulerd.yaml
            """)

    @OptionGroup var file: ConfigurationFile
    @Argument(help: "The user's name.") var name: String

    func run() async throws {
        try await file.withUsers { users in
            try await users.change(name, .userDelete) { try await $0.delete(name) }
            print("\(name) is removed")
        }
    }
}
