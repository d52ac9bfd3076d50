import Testing

@testable import MySQL

/// Which servers are refused, and with what words.
@Suite struct ServerInfoTests {
    static let good = [
        "version": "10.11.19-MariaDB-0+deb12u1", "binlog_format": "MIXED", "log_bin": "OFF",
        "tx_isolation": "READ-COMMITTED", "time_zone": "+00:00",
        "sql_mode": "STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO", "read_only": "OFF", "innodb_read_only": "OFF",
    ]

    static func info(_ changes: [String: String?]) throws -> ServerInfo {
        var settings = good
        for (name, value) in changes { settings[name] = value }
        return try ServerInfo(settings: settings)
    }

    static let accepted: [(String, ServerInfo.Kind)] = [
        ("10.6.0-MariaDB", .mariadb), ("10.11.19-MariaDB-0+deb12u1", .mariadb), ("11.4.2-MariaDB-log", .mariadb),
        ("12.0.1-mariadb", .mariadb), ("8.0.36", .mysql), ("8.4.3-0ubuntu0", .mysql), ("9.7.4", .mysql),
    ]

    @Test(arguments: accepted) func knownVersions(version: String, kind: ServerInfo.Kind) throws {
        let info = try Self.info(["version": version])
        #expect(info.kind == kind)
        #expect(info.version == version)
        #expect(!info.isReadOnly)
    }

    /// What differs from a good server, and what the refusal must name.
    static let refused: [([String: String?], String)] = [
        (["version": "10.5.29-MariaDB"], "10.6 or later"),
        (["version": "5.5.68-MariaDB"], "10.6 or later"),
        (["version": "5.7.44"], "8.0 or later"),
        (["version": ""], "version"),
        (["version": "next"], "next"),
        (["tx_isolation": "REPEATABLE-READ"], "REPEATABLE-READ"),
        (["tx_isolation": nil], "isolation level"),
        (["transaction_isolation": "SERIALIZABLE"], "SERIALIZABLE"),
        (["time_zone": "SYSTEM"], "SYSTEM"),
        (["time_zone": nil], "time zone"),
        (["sql_mode": "STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES"], "NO_BACKSLASH_ESCAPES"),
        (["sql_mode": nil], "sql_mode"),
        (["log_bin": "ON", "binlog_format": "STATEMENT"], "ROW or MIXED"),
    ]

    @Test(arguments: refused) func unfitServers(changes: [String: String?], naming: String) {
        let error = #expect(throws: MySQLError.self) { _ = try Self.info(changes) }
        #expect(error?.code == .unsupportedServer)
        #expect(error?.message.contains(naming) == true, "\(error?.message ?? "")")
    }

    @Test func theBinaryLogsFormCountsOnlyWhenThereIsOne() throws {
        #expect(try Self.info(["log_bin": "OFF", "binlog_format": "STATEMENT"]).binlogFormat == "STATEMENT")
        #expect(try Self.info(["log_bin": "ON", "binlog_format": "ROW"]).binlogFormat == "ROW")
        #expect(try Self.info(["log_bin": "ON", "binlog_format": nil]).binlogFormat == nil)
    }

    @Test(arguments: ["read_only", "innodb_read_only"]) func readOnlyServersAreKnown(setting: String) throws {
        #expect(try Self.info([setting: "ON"]).isReadOnly)
    }
}
