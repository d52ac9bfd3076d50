import Accounts
import ArgumentParser

/// Where a new password comes from.
struct PasswordSource: ParsableArguments {
    @Flag(help: "Read the password from standard input: one line.") var passwordStdin = false
    @Flag(help: "Make a password and print it, once.") var generate = false

    func validate() throws {
        if passwordStdin && generate {
            throw ArgumentParser.ValidationError("--password-stdin and --generate exclude each other")
        }
    }

    /// Takes the password, gives its hash to `store`, and prints it afterwards if it was made here.
    func hash(for name: String, _ store: (PasswordHash) async throws -> Void) async throws {
        let password = try password(for: name)
        let passwords = Passwords()
        defer { passwords.close() }
        try await store(passwords.hash(password))
        if generate { print("the password of \(name): \(password.text)") }
    }

    private func password(for name: String) throws -> NewPassword {
        if generate { return .generate() }
        if passwordStdin { return try NewPassword(Secret.line()) }
        let password = try NewPassword(Secret.ask("New password for \(name): "))
        guard try Secret.ask("The same again: ") == password.text else {
            throw CommandFailure(["schedulerd: the two are not the same"]).report()
        }
        return password
    }
}
