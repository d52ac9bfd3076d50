import ThreadPool

/// Hashes and compares passwords, on threads of its own: each takes half a second and 128 MiB.
package final class Passwords: Sendable {
    private let pool = ThreadPool<CryptScratch>(
        CryptScratch.Options(), PoolLimits(connections: 2, waiting: 32, waitTimeout: .seconds(15)))

    package init() {}

    /// Waits for what runs.
    package func close() {
        pool.close()
    }

    package func hash(_ password: NewPassword) async throws -> PasswordHash {
        try await hash(proven: password.text)
    }

    /// Hashes a password that has just been found right: an old one may be shorter than a new one must be.
    package func hash(proven password: String) async throws -> PasswordHash {
        try await pool.withResource { scratch in
            let text = try scratch.crypt(password, PasswordHash.newSetting())
            guard let hash = PasswordHash(text) else { throw PasswordError.failed("libcrypt gave another form") }
            return hash
        }
    }

    /// Takes the same time whatever is stored, also when nothing is: nobody learns who is there.
    /// - Parameter stored: nil for a user who is not there or may not sign in.
    package func verify(_ password: String, _ stored: PasswordHash?) async throws -> PasswordVerdict {
        // crypt(3) ends at a zero, and refuses what is too long.
        let isPossible = password.utf8.count <= NewPassword.limit && !password.utf8.contains(0)
        let phrase = isPossible ? password : ""
        let scrypt = stored?.method == .scrypt ? stored! : Self.nobodysScrypt
        let bcrypt = stored?.method == .bcrypt ? stored! : Self.nobodysBcrypt
        return try await pool.withResource { scratch in
            // All of both, always.
            let scryptMatches = try scratch.crypt(phrase, scrypt.text).isEqualInConstantTime(to: scrypt.text)
            // `2a` of this library differs from everybody else's for a few passwords with bytes over 127.
            let setting = "$2b" + bcrypt.text.dropFirst(3)
            let bcryptMatches = String(try scratch.crypt(phrase, setting).dropFirst(3))
                .isEqualInConstantTime(to: String(setting.dropFirst(3)))
            return switch (stored?.method, isPossible) {
            case (.scrypt, true) where scryptMatches: .right(isOutdated: false)
            case (.bcrypt, true) where bcryptMatches: .right(isOutdated: true)
            default: .wrong
            }
        }
    }

    /// Of passwords that nobody knows.
    private static let nobodysScrypt = PasswordHash(
        PasswordHash.scryptSetting + "2OC7CFXsmjhMG9RVPQTIz.$" + String(repeating: ".", count: 43))!
    private static let nobodysBcrypt = PasswordHash("$2a$10$" + String(repeating: ".", count: 53))!
}
