import CMariaDB

/// What a server says of itself; read at every connect, because a failover may put another in its place.
package struct ServerInfo: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case mariadb, mysql
    }

    package let kind: Kind
    package let version: String
    /// nil where the server has no such setting any more.
    package let binlogFormat: String?
    package let isReadOnly: Bool

    /// Oldest versions with `SKIP LOCKED`.
    private static let oldest: [Kind: (major: Int, minor: Int)] = [.mariadb: (10, 6), .mysql: (8, 0)]

    init(reading handle: UnsafeMutablePointer<MYSQL>, isOnlyRead: Bool) throws(MySQLError) {
        let text =
            "SHOW VARIABLES WHERE Variable_name IN ('version', 'binlog_format', 'log_bin', 'tx_isolation', "
            + "'transaction_isolation', 'time_zone', 'sql_mode', 'read_only', 'innodb_read_only')"
        guard mysql_query(handle, text) == 0 else { throw MySQLError(handle) }
        var settings: [String: String] = [:]
        for row in try TextResult.read(from: handle).rows { settings[try row.text(0)] = try row.text(1) }
        try self.init(settings: settings, isOnlyRead: isOnlyRead)
    }

    /// Refuses, with what to change, a server that the protocol cannot stand on.
    init(settings: [String: String], isOnlyRead: Bool = false) throws(MySQLError) {
        func refuse(_ message: String) -> MySQLError { MySQLError(.unsupportedServer, message) }
        version = settings["version"] ?? ""
        kind = version.lowercased().contains("mariadb") ? .mariadb : .mysql
        binlogFormat = settings["binlog_format"]
        isReadOnly = settings["read_only"] == "ON" || settings["innodb_read_only"] == "ON"
        if isOnlyRead { return }
        let numbers = version.split(whereSeparator: { !$0.isNumber }).prefix(2).compactMap { Int($0) }
        guard numbers.count == 2 else { throw refuse("the server's version \"\(version)\" is not one that is known") }
        let oldest = Self.oldest[kind]!
        guard (numbers[0], numbers[1]) >= oldest else {
            throw refuse("\(kind.rawValue) \(version) is too old: \(oldest.major).\(oldest.minor) or later is needed")
        }
        let isolation = settings["transaction_isolation"] ?? settings["tx_isolation"] ?? ""
        guard isolation == "READ-COMMITTED" else {
            throw refuse("the session's isolation level is \"\(isolation)\" and could not be set to READ COMMITTED")
        }
        guard settings["time_zone"] == "+00:00" else {
            throw refuse("the session's time zone is \"\(settings["time_zone"] ?? "")\" and could not be set to UTC")
        }
        guard settings["sql_mode"]?.contains("NO_BACKSLASH_ESCAPES") == false else {
            throw refuse("sql_mode holds NO_BACKSLASH_ESCAPES and could not be set for the session")
        }
        if settings["log_bin"] == "ON", binlogFormat == "STATEMENT" {
            throw refuse(
                "binlog_format is STATEMENT, with which READ COMMITTED cannot be replicated; set it to ROW or MIXED")
        }
    }
}
