/// The signing keys of a destination.
enum WebhookSecrets {
    private static let maximum = 4

    static let accepted = "a list of up to \(maximum) texts of \(WebhookSecret.accepted)"

    static func check(_ secrets: [String]) throws(ConfigurationRefusal) {
        for (index, secret) in secrets.enumerated() {
            if index >= maximum { throw ConfigurationRefusal(nil, "has more than \(maximum) elements") }
            do throws(WebhookSecretFault) {
                _ = try WebhookSecret(secret)
            } catch {
                throw ConfigurationRefusal(secret, error.reason, element: index)
            }
            if secrets[..<index].contains(secret) {
                throw ConfigurationRefusal(secret, "is listed twice", element: index)
            }
        }
    }
}
