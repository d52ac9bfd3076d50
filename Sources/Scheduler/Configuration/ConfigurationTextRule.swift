import Digests
import Transfer

/// What a text may consist of.
package enum ConfigurationTextRule: Sendable, Hashable {
    /// Up to 512 characters, none of them a control character.
    case line
    /// A host name or an IP address, without a port.
    case host
    /// A file, absolute or relative to the working directory.
    case path
    /// A socket: an absolute path that fits into `sockaddr_un`.
    case socket
    /// A database name that needs no quoting.
    case databaseName
    /// What is put before every table name.
    case tablePrefix
    /// A name of a person's choosing: instance, cookie.
    case name
    /// What may stand in an HTTP header.
    case headerValue
    /// A Redis server, in the form of `RedisURL`.
    case redisURL
    /// How an http or https URL begins: scheme, host, perhaps a port and a part of the path.
    case urlPrefix
    /// A key of `Seal`, in Base64.
    case sealKey

    /// What is accepted, in words.
    package var accepted: String {
        switch self {
        case .line: "text of up to 512 characters without control characters"
        case .host: "a host name or an IP address, without a port"
        case .path: "a path to a file"
        case .socket: "an absolute path of up to 107 bytes"
        case .databaseName: "up to 64 of the characters A-Z a-z 0-9 _ $ -"
        case .tablePrefix: "up to 32 of the characters A-Z a-z 0-9 _"
        case .name: "up to 64 of the characters A-Z a-z 0-9 . _ -"
        case .headerValue: "up to 200 printable ASCII characters"
        case .redisURL: RedisURL.accepted
        case .sealKey: "the Base64 of \(Seal.keySize) random bytes"
        case .urlPrefix: "the beginning of an http or https URL, such as https://shop.example/hooks/"
        }
    }

    /// What is wrong with a text that is not empty, if anything.
    package func fault(in text: String) -> String? {
        let limit =
            switch self {
            case .line, .redisURL, .sealKey: 512
            case .urlPrefix: 2048
            case .host: 253
            case .path: 4095
            case .socket: 107
            case .databaseName, .name: 64
            case .tablePrefix: 32
            case .headerValue: 200
            }
        let length = self == .socket ? text.utf8.count : text.unicodeScalars.count
        guard length <= limit else { return "is longer than \(limit)" }
        if let scalar = text.unicodeScalars.first(where: { !allows($0) }) {
            return "must not contain " + ConfigurationRefusal.quoted(String(Character(scalar)))
        }
        switch self {
        case .socket: return text.hasPrefix("/") ? nil : "is not an absolute path"
        case .redisURL: return RedisURL.fault(in: text)
        case .urlPrefix: return Self.urlFault(in: text)
        case .sealKey:
            let key = Base64.decode(text)
            return key?.count == Seal.keySize ? nil : "is not the Base64 of \(Seal.keySize) bytes"
        default: return nil
        }
    }

    private static func urlFault(in text: String) -> String? {
        let scheme = text.prefix { $0 != ":" }.lowercased()
        guard scheme == "http" || scheme == "https", text.dropFirst(scheme.count).hasPrefix("://") else {
            return "does not begin with http:// or https://"
        }
        guard let url = CallbackURL(text), url.scheme == scheme else { return "is not the beginning of a URL" }
        if url.hasUserInfo { return "must not hold a user name or password" }
        return text.contains(where: { $0 == "?" || $0 == "#" }) ? "must not hold a query or a fragment" : nil
    }

    private func allows(_ scalar: Unicode.Scalar) -> Bool {
        switch self {
        case .line, .path, .socket: scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value)
        case .host: Self.isLetterOrDigit(scalar) || ".:-_".unicodeScalars.contains(scalar)
        case .databaseName: Self.isLetterOrDigit(scalar) || "_$-".unicodeScalars.contains(scalar)
        case .tablePrefix: Self.isLetterOrDigit(scalar) || scalar == "_"
        case .name: Self.isLetterOrDigit(scalar) || "._-".unicodeScalars.contains(scalar)
        case .headerValue: (0x20...0x7E).contains(scalar.value)
        case .redisURL, .urlPrefix, .sealKey: (0x21...0x7E).contains(scalar.value)
        }
    }

    static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9": true
        default: false
        }
    }
}
