import Transfer

/// The configured destinations, and which of them a URL belongs to: one has the same scheme, host and port, and a path that
/// the URL's path begins with, up to a slash. Of several the one with the longest path.
package struct Destinations: Sendable {
    package struct Destination: Sendable {
        /// nil: calls are not signed.
        package let signer: WebhookSigner?
        /// The key of delayQS signs.
        package let md5Key: String?
        /// nil: as everywhere.
        package let addresses: Configuration.Destination.AddressRules?
    }

    private struct Origin: Sendable, Hashable {
        let scheme: String
        let host: String
        let port: Int

        init(_ url: CallbackURL) {
            (scheme, host, port) = (url.scheme, url.host.lowercased(), url.port)
        }
    }

    /// The longest path first.
    private let byOrigin: [Origin: [(path: String, name: String, destination: Destination)]]

    package init(_ configured: [Configuration.Destination]) {
        var byOrigin: [Origin: [(path: String, name: String, destination: Destination)]] = [:]
        for entry in configured {
            // Both were checked when the configuration was read.
            guard let url = CallbackURL(entry.url) else { continue }
            let secrets = entry.secrets.compactMap { try? WebhookSecret($0) }
            let destination = Destination(
                signer: WebhookSigner(secrets), md5Key: entry.md5Key, addresses: entry.addresses)
            let name = Self.name(of: url)
            byOrigin[Origin(url), default: []].append((url.path, name, destination))
        }
        self.byOrigin = byOrigin.mapValues { entries in entries.sorted { $0.path.utf8.count > $1.path.utf8.count } }
    }

    /// As destinations are called: the origin, and the path if there is one.
    static func name(of url: CallbackURL) -> String { url.path == "/" ? url.origin : url.origin + url.path }

    package subscript(url: String) -> Destination? {
        if byOrigin.isEmpty { return nil }
        return CallbackURL(url).flatMap(owner)?.destination
    }

    /// The destination that a URL belongs to, and its name: its origin, and the path if it has one.
    func owner(of url: CallbackURL) -> (name: String, destination: Destination)? {
        byOrigin[Origin(url)]?.first { Self.contains($0.path, url.path) }.map { ($0.name, $0.destination) }
    }

    /// Whether URLs of this origin belong to different destinations by their paths.
    func hasPaths(_ url: CallbackURL) -> Bool {
        byOrigin[Origin(url)]?.contains { $0.path != "/" } ?? false
    }

    private static func contains(_ prefix: String, _ path: String) -> Bool {
        guard path.utf8.starts(with: prefix.utf8) else { return false }
        let rest = path.utf8.dropFirst(prefix.utf8.count)
        return rest.isEmpty || rest.first == UInt8(ascii: "/") || prefix.utf8.last == UInt8(ascii: "/")
    }
}
