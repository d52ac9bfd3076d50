/// What a server's settings mean for the scheduler.
struct DatabaseSettings: Sendable {
    /// Those that are read, by the names of both servers.
    static let names = [
        "version", "innodb_flush_log_at_trx_commit", "sync_binlog", "log_bin", "binlog_format", "read_only",
        "innodb_buffer_pool_size", "max_connections", "max_allowed_packet", "innodb_doublewrite", "system_time_zone",
        "time_zone", "innodb_log_file_size", "innodb_log_files_in_group", "innodb_redo_log_capacity",
        "innodb_log_writer_threads",
    ]

    /// By name, as the server writes them.
    let values: [String: String]
    /// Of all tables of the database, with their indexes.
    let dataBytes: Int
    /// Written to the redo log in an hour, as an average since the server's start.
    let redoBytesAnHour: Int
    /// Connections that one process of this configuration opens.
    let connectionsPerProcess: Int

    var findings: [Finding] {
        [
            durability, binaryLog, doubleWrite, writable, bufferPool, redoLog, logWriters, connections, packet,
            timeZone,
        ].compactMap(\.self)
    }

    private func number(_ name: String) -> Int? { values[name].flatMap { Int($0) } }

    private var durability: Finding {
        let value = values["innodb_flush_log_at_trx_commit"] ?? "unknown"
        let state = "innodb_flush_log_at_trx_commit is \(value)"
        if value == "1" { return .ok("durability", state) }
        return .problem(
            "durability", state,
            "set it to 1: otherwise the last second of accepted tasks is lost when the server crashes, and calls that "
                + "were made are made again")
    }

    private var binaryLog: Finding {
        guard values["log_bin"] == "ON" else { return .ok("binary log", "off") }
        let (sync, format) = (values["sync_binlog"] ?? "unknown", values["binlog_format"] ?? "ROW")
        let state = "sync_binlog is \(sync), binlog_format is \(format)"
        if format == "STATEMENT" {
            return .problem(
                "binary log", state,
                "set binlog_format to ROW: the scheduler works with READ COMMITTED, which statements cannot replicate")
        }
        if sync != "1" {
            return .warning(
                "binary log", state,
                "set sync_binlog to 1: after a crash replicas and backups may lack what the server has, or have more")
        }
        return .ok("binary log", state)
    }

    private var doubleWrite: Finding {
        let value = values["innodb_doublewrite"] ?? "unknown"
        if value == "OFF" || value == "0" {
            return .warning(
                "torn pages", "innodb_doublewrite is \(value)",
                "set it to ON unless the file system writes 16 KiB at once: a page that was half written in a crash is "
                    + "lost")
        }
        return .ok("torn pages", "innodb_doublewrite is \(value)")
    }

    private var writable: Finding? {
        guard values["read_only"] == "ON" else { return nil }
        return .problem(
            "read_only", "is ON", "point master_db at the primary: nothing can be accepted or run on this server")
    }

    private var bufferPool: Finding {
        let (pool, data) = (number("innodb_buffer_pool_size") ?? 0, dataBytes)
        let state = "innodb_buffer_pool_size is \(Self.megabytes(pool)), the tables have \(Self.megabytes(data))"
        // History is written once and seldom read; tasks, claims and their indexes are what has to fit.
        if data > 4 * pool {
            return .warning(
                "buffer pool", state,
                "raise it to at least a quarter of the tables, or keep less history: each start of a task reads a row "
                    + "from the disk otherwise")
        }
        return .ok("buffer pool", state)
    }

    private var redoLog: Finding? {
        let name = values["innodb_redo_log_capacity"] == nil ? "innodb_log_file_size" : "innodb_redo_log_capacity"
        guard var size = number(name) else { return nil }
        // MySQL before 8.0.30 has several files.
        if name == "innodb_log_file_size" { size *= number("innodb_log_files_in_group") ?? 1 }
        let state =
            "\(name) is \(Self.megabytes(size)), of which \(Self.megabytes(redoBytesAnHour)) an hour are written"
        if size < redoBytesAnHour / 2 {
            return .warning(
                "redo log", state,
                "give it room for half an hour of the busiest time (docs/capacity.md): when it is nearly full all COMMITs "
                    + "wait together until pages are written, and tasks are late by as much")
        }
        return .ok("redo log", state)
    }

    /// Of MySQL since 8.0.22, which has them off by default on less than 32 processors since 8.4.
    private var logWriters: Finding? {
        guard let value = values["innodb_log_writer_threads"] else { return nil }
        let state = "innodb_log_writer_threads is \(value)"
        if value == "OFF" {
            return .warning(
                "log writers", state,
                "set it to ON: without them a COMMIT now and then waits for 100 ms to be woken, and tasks are late by as "
                    + "much (docs/performance.md)")
        }
        return .ok("log writers", state)
    }

    private var connections: Finding {
        let most = number("max_connections") ?? 0
        let state = "max_connections is \(most), each process opens \(connectionsPerProcess)"
        if most < 2 * connectionsPerProcess {
            return .warning(
                "connections", state,
                "raise it: two processes, as they are there during an upgrade, do not fit, and one that gets no "
                    + "connection loses its lease")
        }
        return .ok("connections", state)
    }

    private var packet: Finding {
        let bytes = number("max_allowed_packet") ?? 0
        let state = "max_allowed_packet is \(Self.megabytes(bytes))"
        if bytes < 16 << 20 {
            return .warning(
                "packet size", state,
                "set it to 16 MiB or more: batches of large tasks are refused, and stored one by one")
        }
        return .ok("packet size", state)
    }

    private var timeZone: Finding {
        let zone = values["time_zone"] ?? "unknown"
        let name = zone == "SYSTEM" ? "SYSTEM (\(values["system_time_zone"] ?? "unknown"))" : zone
        return .ok("time zone", "the server's is \(name); sessions of the scheduler use UTC")
    }

    private static func megabytes(_ bytes: Int) -> String {
        "\((bytes + (1 << 19)) >> 20) MiB"
    }
}
