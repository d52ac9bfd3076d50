package import Digests
package import MySQL

/// A secret of a destination as it is in the database: encrypted.
package struct SealedSecret: Sendable, Equatable {
    package var id: Int
    package var sealed: [UInt8]
    package var createdAt: Timestamp

    /// So many of a destination are valid at once: the receiver takes over the new one while the old one still holds.
    package static let most = 2

    package init(id: Int, sealed: [UInt8], createdAt: Timestamp) {
        self.id = id
        self.sealed = sealed
        self.createdAt = createdAt
    }

    /// A secret for the destination of a URL, to be stored.
    package static func close(_ secret: WebhookSecret, for url: String, _ seal: Seal) -> [UInt8] {
        seal.close(secret.key, for: Array(url.utf8))
    }

    /// - Returns: nil when it was encrypted with another key, or for another destination.
    package func open(for url: String, _ seal: Seal) -> WebhookSecret? {
        seal.open(sealed, for: Array(url.utf8)).flatMap(WebhookSecret.init(key:))
    }
}
