import Digests

/// 256 random bits that stand for who holds them: the id of a session, a token of a form, a device.
///
/// A store keeps the digest only, so that who reads the store cannot pass for anybody.
package struct SecretToken: Sendable, Equatable {
    /// 43 characters of base64url (RFC 4648, section 5), without padding.
    package let text: String

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    private static let length = 43

    package static func random() -> SecretToken {
        var chance = SystemRandomNumberGenerator()
        // The last character has 4 of the 256 bits.
        let digits = (1..<length).map { _ in alphabet[Int.random(in: 0..<64, using: &chance)] }
        return SecretToken(digits + [alphabet[Int.random(in: 0..<16, using: &chance) << 2]])
    }

    private init(_ digits: [UInt8]) {
        text = String(decoding: digits, as: UTF8.self)
    }

    /// - Returns: nil for what no secret looks like.
    package init?(_ text: String) {
        guard text.utf8.count == Self.length, text.utf8.allSatisfy(Self.alphabet.contains) else { return nil }
        self.text = text
    }

    /// SHA-256 in 64 hexadecimal digits.
    var digest: String { Self.digest(text) }

    static func digest(_ text: String) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let bytes = Digest.sha256(Array(text.utf8)).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension String {
    /// Takes the same time wherever the two differ.
    func isEqualInConstantTime(to other: String) -> Bool {
        utf8.count == other.utf8.count && zip(utf8, other.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
