import Accounts
import ArgumentParser

struct UserDisableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "Let a user sign in no more.",
        discussion: """
            The last administrator who can sign in cannot be disabled.

            Example:
              schedulerd user disable bob --config schedulerd.yaml
            """)

    @OptionGroup var file: ConfigurationFile
    @Argument(help: "The user's name.") var name: String

    func run() async throws {
        try await file.withUsers { users in
            try await users.change(name, .userDisable) { try await $0.disable(name) }
            print("\(name) is disabled")
        }
    }
}

struct UserEnableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable", abstract: "Let a disabled user sign in again.",
        discussion: """
            Example:
              schedulerd user enable bob --config schedulerd.yaml
            """)

    @OptionGroup var file: ConfigurationFile
    @Argument(help: "The user's name.") var name: String

    func run() async throws {
        try await file.withUsers { users in
            try await users.change(name, .userEnable) { try await $0.enable(name) }
            print("\(name) may sign in")
        }
    }
}
