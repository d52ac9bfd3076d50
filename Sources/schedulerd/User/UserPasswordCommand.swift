import Accounts
import ArgumentParser

struct UserPasswordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "passwd", abstract: "Set a user's password.",
        discussion: """
            Examples:
              schedulerd user passwd alice --config schedulerd.yaml
              schedulerd user passwd alice --generate --config schedulerd.yaml
            """)

    @OptionGroup var file: ConfigurationFile
    @OptionGroup var source: PasswordSource
    @Argument(help: "The user's name.") var name: String

    func run() async throws {
        try await file.withUsers { users in
            guard try await users.store.user(name) != nil else { throw UserError.unknown(name) }
            try await source.hash(for: name) { hash in
                try await users.change(name, .userPassword) { try await $0.setPassword(of: name, hash) }
            }
            print("the password of \(name) is changed")
        }
    }
}
