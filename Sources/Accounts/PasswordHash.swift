/// A password as it is stored: a string of crypt(5).
package struct PasswordHash: Sendable, Equatable {
    package enum Method: Sendable {
        /// New passwords: N = 2^17, r = 8, p = 1, as the OWASP Password Storage Cheat Sheet asks for.
        case scrypt
        /// Those of delay_queue.
        case bcrypt
    }

    package let text: String
    package let method: Method

    /// - Returns: nil for what is of neither method, or would cost more than a sign-in may.
    package init?(_ text: String) {
        if text.hasPrefix(Self.scryptSetting), text.utf8.count > Self.scryptSetting.utf8.count, Self.isPlain(text) {
            method = .scrypt
        } else if Self.isBcrypt(text) {
            method = .bcrypt
        } else {
            return nil
        }
        self.text = text
    }

    /// `$7$`, log2 N in one digit, r and p in five each, least significant first, of the alphabet `./0-9A-Za-z`.
    static let scryptSetting = "$7$F6..../...."

    /// Settings for a new password, with a salt of 132 bits.
    static func newSetting() -> String {
        let digits = Array("./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        var chance = SystemRandomNumberGenerator()
        let salt = (0..<22).map { _ in digits[Int.random(in: 0..<64, using: &chance)] }
        return scryptSetting + String(salt) + "$"
    }

    /// `$2a$10$` with 22 digits of salt and 31 of hash.
    private static func isBcrypt(_ text: String) -> Bool {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0].isEmpty, ["2a", "2b", "2y"].contains(parts[1]), parts[3].utf8.count == 53,
            let cost = Int(parts[2]), parts[2].utf8.count == 2, (4...13).contains(cost)
        else { return false }
        return isPlain(text)
    }

    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "$"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"):
                true
            default: false
            }
        }
    }
}

/// What came of comparing a password with a stored one.
package enum PasswordVerdict: Sendable, Equatable {
    case wrong
    /// - Parameter isOutdated: it should be stored anew, by the present method.
    case right(isOutdated: Bool)
}
