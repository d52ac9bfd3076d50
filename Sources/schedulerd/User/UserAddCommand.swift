import Accounts
import ArgumentParser

struct UserAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a user.",
        discussion: """
            Examples:
              schedulerd user add alice --role administrator --config schedulerd.yaml
              schedulerd user add bob --role operator --email bob@example.org --generate --config schedulerd.yaml
              pass show schedulerd/carol | schedulerd user add carol --password-stdin --config schedulerd.yaml
            """)

    @OptionGroup var file: ConfigurationFile
    @OptionGroup var source: PasswordSource
    @Argument(help: "By which the user signs in; 1 to 100 characters.") var name: String
    @Option(help: "viewer looks, operator also changes tasks, administrator also changes users.")
    var role: Role = .viewer
    @Option(help: "The e-mail address.") var email = ""
    @Option(help: "The name in full.") var realName = ""
    @Option(help: "The telephone number.") var telephone = ""

    func run() async throws {
        var profile = UserProfile(name: name, role: role)
        profile.email = email
        profile.realName = realName
        profile.telephone = telephone
        try await file.withUsers { users in
            try profile.check()
            if try await users.store.user(name) != nil { throw UserError.nameTaken(name) }
            try await source.hash(for: name) { hash in
                try await users.change(name, .userAdd) { try await $0.add(profile, hash) }
            }
            print("added \(name) as \(role.rawValue)")
        }
    }
}
