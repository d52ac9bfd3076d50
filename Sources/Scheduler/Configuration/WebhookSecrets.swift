#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What Standard Webhooks accept as signing keys.
enum WebhookSecrets {
    private static let prefix = "whsec_"
    /// In bytes.
    private static let sizes = 24...64
    private static let maximum = 4

    static let accepted =
        "a list of up to \(maximum) texts of \(prefix) and the Base64 of \(sizes.lowerBound) to \(sizes.upperBound) bytes"

    static func check(_ secrets: [String]) throws(ConfigurationRefusal) {
        for (index, secret) in secrets.enumerated() {
            if index >= maximum { throw ConfigurationRefusal(nil, "has more than \(maximum) elements") }
            guard secret.hasPrefix(prefix) else {
                throw ConfigurationRefusal(secret, "does not begin with \(prefix)", element: index)
            }
            guard let key = Data(base64Encoded: String(secret.dropFirst(prefix.count))) else {
                throw ConfigurationRefusal(secret, "is not Base64 after \(prefix)", element: index)
            }
            guard sizes.contains(key.count) else {
                throw ConfigurationRefusal(secret, "holds \(key.count) bytes", element: index)
            }
            if secrets[..<index].contains(secret) {
                throw ConfigurationRefusal(secret, "is listed twice", element: index)
            }
        }
    }
}
