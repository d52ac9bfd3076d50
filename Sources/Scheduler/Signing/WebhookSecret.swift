/// A secret of Standard Webhooks: `whsec_` and the key in Base64. It is never shown.
package struct WebhookSecret: Sendable, Equatable {
    let key: [UInt8]

    private static let prefix = "whsec_"
    /// In bytes.
    private static let sizes = 24...64

    /// What is accepted, in words.
    static let accepted = "\(prefix) and the Base64 of \(sizes.lowerBound) to \(sizes.upperBound) bytes"

    /// - Throws: why it is no such secret, in words that do not show it.
    package init(_ text: String) throws(WebhookSecretFault) {
        guard text.hasPrefix(Self.prefix) else { throw WebhookSecretFault("does not begin with \(Self.prefix)") }
        guard let key = Base64.decode(String(text.dropFirst(Self.prefix.count))) else {
            throw WebhookSecretFault("is not Base64 after \(Self.prefix)")
        }
        guard Self.sizes.contains(key.count) else { throw WebhookSecretFault("holds \(key.count) bytes") }
        self.key = key
    }

    /// - Returns: nil when the key has a size that no secret has.
    package init?(key: [UInt8]) {
        guard Self.sizes.contains(key.count) else { return nil }
        self.key = key
    }

    /// One of 32 random bytes.
    package static func random() -> WebhookSecret {
        var chance = SystemRandomNumberGenerator()
        return WebhookSecret(key: (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &chance) })!
    }

    /// As a receiver needs it. For whoever has just made it, and nobody else.
    package var revealed: String { Self.prefix + Base64.encode(key) }
}

extension WebhookSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "whsec_…" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why a text is no secret.
package struct WebhookSecretFault: Error, Sendable, Equatable {
    package let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}
