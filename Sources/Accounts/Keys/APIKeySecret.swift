import Digests

/// A key itself: what its holder sends, shown once and kept nowhere.
package struct APIKeySecret: Sendable, Equatable {
    package let text: String

    /// So that who finds one in a file knows what it is.
    private static let mark = "skd_"
    /// Of the 256 random bits 48, to tell keys apart.
    private static let shown = mark.utf8.count + 8

    package static func random() -> APIKeySecret {
        APIKeySecret(text: mark + SecretToken.random().text)
    }

    private init(text: String) {
        self.text = text
    }

    /// - Returns: nil for what no key looks like.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.mark), SecretToken(String(text.dropFirst(Self.mark.count))) != nil else { return nil }
        self.text = text
    }

    package var prefix: String { String(text.prefix(Self.shown)) }

    /// SHA-256. One round is enough: nobody guesses 256 random bits.
    var digest: [UInt8] { Digest.sha256(Array(text.utf8)) }
}
