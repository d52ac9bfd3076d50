package import MySQL

/// All keys as they were at one time, to be asked for each request.
package struct APIKeyTable: Sendable {
    /// By the first eight bytes of the digest, so that a look-up reveals nothing of the rest.
    private let keys: [UInt64: [APIKey]]
    /// The database's time when they were read.
    package let readAt: Timestamp
    package let isEmpty: Bool

    init(_ keys: [APIKey], readAt: Timestamp) {
        self.keys = Dictionary(grouping: keys) { Self.start($0.digest) }
        self.readAt = readAt
        isEmpty = keys.isEmpty
    }

    /// The key that somebody sent, good or not.
    package func key(_ secret: APIKeySecret) -> APIKey? {
        let digest = secret.digest
        var found: APIKey?
        for key in keys[Self.start(digest)] ?? [] where Self.isEqual(key.digest, digest) { found = key }
        return found
    }

    private static func start(_ digest: [UInt8]) -> UInt64 {
        digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Takes the same time wherever the two differ.
    private static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
