/// What a server says of itself; read at every connect, because a failover may put another in its place.
package struct ServerInfo: Sendable, Equatable, CustomStringConvertible {
    package struct Version: Sendable, Hashable, Comparable, CustomStringConvertible {
        package let major, minor, patch: Int

        package init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
            (self.major, self.minor, self.patch) = (major, minor, patch)
        }

        /// Reads `7.0.15`; what follows the third number is left out.
        init?(_ text: some StringProtocol) {
            let numbers = text.split(whereSeparator: { !$0.isNumber }).prefix(3).compactMap { Int($0) }
            guard numbers.count >= 2 else { return nil }
            self.init(numbers[0], numbers[1], numbers.count > 2 ? numbers[2] : 0)
        }

        package static func < (left: Version, right: Version) -> Bool {
            (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
        }

        package var description: String { "\(major).\(minor).\(patch)" }
    }

    /// The version of Redis whose commands the server has; Valkey has those of 7.2.4.
    package let redisVersion: Version
    /// nil unless it is a Valkey.
    package let valkeyVersion: Version?

    package var description: String {
        valkeyVersion.map { "Valkey \($0)" } ?? "Redis \(redisVersion)"
    }

    private static let oldest = Version(5, 0)

    /// A user of an ACL may be forbidden to ask for the version; ACLs came with Redis 6.
    static let withACL = ServerInfo(redisVersion: Version(6, 0), valkeyVersion: nil)

    private init(redisVersion: Version, valkeyVersion: Version?) {
        self.redisVersion = redisVersion
        self.valkeyVersion = valkeyVersion
    }

    /// Reads the answer to `INFO server`.
    /// - Throws: `unsupportedServer` for a server that is too old or has no version.
    init(info: String) throws(RedisError) {
        var fields: [Substring: Substring] = [:]
        for line in info.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[line[..<colon]] = line[line.index(after: colon)...]
        }
        guard let version = fields["redis_version"].flatMap({ Version($0) }) else {
            throw RedisError(.unsupportedServer, "the server does not tell which version of Redis it is")
        }
        self.init(redisVersion: version, valkeyVersion: fields["valkey_version"].flatMap { Version($0) })
        guard version >= Self.oldest else {
            throw RedisError(.unsupportedServer, "\(self) is too old: \(Self.oldest) or later is needed")
        }
    }
}
