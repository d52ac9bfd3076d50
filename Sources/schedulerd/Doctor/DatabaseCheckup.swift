import Migrations
import MySQL
import Scheduler

/// Looks at the database. It changes nothing.
struct DatabaseCheckup: Sendable {
    let configuration: Configuration

    private var database: Configuration.Database { configuration.masterDB }

    /// Blocks.
    func findings() -> [Finding] {
        let place = "database \(database.options.display)"
        do {
            let connection = try Connection(database.options)
            let kind = connection.server.kind == .mariadb ? "MariaDB" : "MySQL"
            return [.ok(place, "\(kind) \(connection.server.version)")]
                + checked("settings") { try settings(connection) }
                + checked("clock") { [try clock(connection)] }
                + checked("SKIP LOCKED") { [try skipLocked(connection)] }
                + checked("migrations") { try migrations() }
                + checked("schema") { try schema(connection) }
                + checked("audit log") { [try auditRights(connection)] }
                + checked("partitions") { [try partitions(connection)] }
                + checked("history") {
                    [try HistoryCheckup(configuration.retention, connection, Tables(prefix: database.prefix)).finding()]
                }
        } catch {
            return [
                .problem(
                    place, "cannot be used: \(error)",
                    "see whether the server runs, and master_db names it, its user and its password rightly")
            ]
        }
    }

    /// What a check found; one that fails is a finding as well.
    private func checked(_ subject: String, _ check: () throws -> [Finding]) -> [Finding] {
        do {
            return try check()
        } catch {
            return [.warning(subject, "could not be checked: \(error)", "see to what the message says, and look again")]
        }
    }

    private func table(_ name: String) -> TableName { TableName(prefix: database.prefix, name) }

    // MARK: Checks

    private func settings(_ connection: Connection) throws -> [Finding] {
        var values: [String: String] = [:]
        for row in try connection.run("SHOW GLOBAL VARIABLES").rows {
            let name = try row.text(0)
            if DatabaseSettings.names.contains(name) { values[name] = try row.text(1) }
        }
        let bytes = try connection.run(
            """
            SELECT CAST(COALESCE(SUM(DATA_LENGTH + INDEX_LENGTH), 0) AS SIGNED) FROM information_schema.TABLES
            WHERE TABLE_SCHEMA = DATABASE()
            """
        ).rows[0].integer(0)
        let hasPages = configuration.roles.contains(.admin)
        let hasKeys = hasPages || configuration.roles.contains(.api)
        let pages = (hasPages ? AdminDesk.connections : 0) + (hasKeys ? KeyDesk.connections : 0)
        return DatabaseSettings(
            values: values, dataBytes: bytes, redoBytesAnHour: try redoBytesAnHour(connection),
            connectionsPerProcess: database.maxOpenConnections + pages
        ).findings
    }

    private func redoBytesAnHour(_ connection: Connection) throws -> Int {
        let rows = try connection.run(
            "SHOW GLOBAL STATUS WHERE Variable_name IN ('Innodb_os_log_written', 'Uptime')"
        ).rows
        let status = try Dictionary(uniqueKeysWithValues: rows.map { (try $0.text(0), Int(try $0.text(1)) ?? 0) })
        // A server that has just started has nothing to tell yet.
        let hours = max(1, Double(status["Uptime"] ?? 0) / 3600)
        return Int(Double(status["Innodb_os_log_written"] ?? 0) / hours)
    }

    /// Nothing goes by the host's clock; but people compare logs, and a clock that is wrong here may be so there.
    private func clock(_ connection: Connection) throws -> Finding {
        let before = Timestamp.now
        let time = try connection.run("SELECT UTC_TIMESTAMP(6)").rows[0].time(0)
        let offset = (time - before).microseconds / 1000
        let state = "the database is \(abs(offset)) ms \(offset < 0 ? "behind" : "ahead of") this machine"
        if abs(offset) > 1000 {
            return .warning(
                "clock", state,
                "let both keep time by NTP: tasks are called by the database's clock, which producers take for theirs")
        }
        return .ok("clock", state)
    }

    private func skipLocked(_ connection: Connection) throws -> Finding {
        let queues = table("queues")
        let other = try Connection(database.options)
        let works: Bool? = try connection.transaction { connection in
            let lock: Query = "SELECT id FROM \(queues) ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"
            guard let id = try connection.run(lock).rows.first?.integer(0) else { return nil }
            return try other.transaction {
                try $0.run("SELECT id FROM \(queues) WHERE id = \(id) FOR UPDATE SKIP LOCKED").rows.isEmpty
            }
        }
        switch works {
        case true?: return .ok("SKIP LOCKED", "locks and skips")
        case nil: return .ok("SKIP LOCKED", "is tried at each start; there is no row here to try it on yet")
        case false?:
            return .problem(
                "SKIP LOCKED", "does not lock",
                "use MariaDB 10.6 or later, or MySQL 8.0 or later, without a proxy that changes statements: tasks would "
                    + "be run twice")
        }
    }

    private func migrations() throws -> [Finding] {
        let problems = try Migrator(options: database.options, prefix: database.prefix).verify()
        if problems.isEmpty { return [.ok("migrations", "all \(Migration.all.count) are applied")] }
        return problems.map {
            .problem(
                "migrations", $0,
                "run `schedulerd migrate up`; one that was changed or is not known belongs to another build")
        }
    }

    private func schema(_ connection: Connection) throws -> [Finding] {
        func own(_ query: Query) throws -> [(name: String, row: Row)] {
            try connection.run(query).rows.compactMap { row in
                let table = try row.text(0)
                guard table.hasPrefix(database.prefix) else { return nil }
                return ("\(table.dropFirst(database.prefix.count)).\(try row.text(1))", row)
            }
        }
        let columns = try own(
            """
            SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE FROM information_schema.COLUMNS
            WHERE TABLE_SCHEMA = DATABASE()
            """
        ).map { ($0.name, try $0.row.text(2)) }
        let indexes = try own(
            "SELECT TABLE_NAME, INDEX_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE()")
        return SchemaOutline.expected.findings(
            columns: Dictionary(columns) { first, _ in first }, indexes: Set(indexes.map(\.name)))
    }

    /// EXPLAIN needs the rights of what it explains, and does nothing.
    private func auditRights(_ connection: Connection) throws -> Finding {
        do throws(MySQLError) {
            var script = Script()
            script.statement("EXPLAIN DELETE FROM ", .table(table("audit_events")), " WHERE id = 0")
            try connection.run(script)
            return .warning(
                "audit log", "the user may delete from it",
                "run as a user of sql/grants.sql: who gets hold of the program could hide what he did")
        } catch {
            guard error.code == .tableAccessDenied else { throw error }
            return .ok("audit log", "the user can only add to it")
        }
    }

    private func partitions(_ connection: Connection) throws -> Finding {
        let now = try connection.run("SELECT UTC_TIMESTAMP(6)").rows[0].time(0)
        let wanted = configuration.retention.partitionsAhead
        let ahead = try MySQLStore.partitionsAhead(of: now, connection, Tables(prefix: database.prefix))
        let state = "made for \(ahead) days ahead, retention.partitions_ahead_days is \(wanted)"
        if ahead >= min(wanted, 1) { return .ok("partitions", state) }
        return .warning(
            "partitions", state,
            "a running instance makes them within the hour; when one runs, see its log: days that share a partition "
                + "cannot be dropped one by one")
    }
}
