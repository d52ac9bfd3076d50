import Testing

@testable import Redis

@Suite struct ServerInfoTests {
    static let known: [(String, String, ServerInfo.Version)] = [
        ("# Server\r\nredis_version:5.0.14\r\nredis_mode:standalone\r\n", "Redis 5.0.14", .init(5, 0, 14)),
        ("redis_version:7.0.15\r\nredis_git_sha1:00000000\r\n", "Redis 7.0.15", .init(7, 0, 15)),
        ("redis_version:8.0-rc1\r\n", "Redis 8.0.1", .init(8, 0, 1)),
        (
            "# Server\r\nredis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.1.0\r\n", "Valkey 8.1.0",
            .init(7, 2, 4)
        ),
        ("redis_version:10.2\n", "Redis 10.2.0", .init(10, 2)),
    ]

    @Test(arguments: known) func isRead(info: String, description: String, version: ServerInfo.Version) throws {
        let server = try ServerInfo(info: info)
        #expect(server.description == description)
        #expect(server.redisVersion == version)
    }

    static let refused = ["redis_version:4.0.14\r\n", "redis_version:3.2", "redis_version:new", "", "redis_version"]

    @Test(arguments: refused) func isRefused(info: String) {
        #expect(throws: RedisError.self) { try ServerInfo(info: info) }
    }

    @Test func versionsAreOrderedByNumbers() {
        #expect(ServerInfo.Version(6, 2) < ServerInfo.Version(6, 10))
        #expect(ServerInfo.Version(6, 2, 7) < ServerInfo.Version(7, 0))
        #expect(ServerInfo.Version(7, 2) == ServerInfo.Version(7, 2, 0))
    }
}
