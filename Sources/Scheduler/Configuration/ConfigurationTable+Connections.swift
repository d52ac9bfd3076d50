/// The sections that say how others reach schedulerd, and how it reaches MySQL and Redis.
extension ConfigurationTable {
    static let connections: [Section] = [server, api, metrics, staticVersion, masterDB, slaveDB, redis, session]

    private static let server = Section(
        "server", "The HTTP server.",
        [
            ConfigurationKey(
                "host", .text(.host), "127.0.0.1",
                "The address to listen on; 0.0.0.0 for every IPv4 address of the machine."),
            ConfigurationKey("port", .integer(0...65535), 8080, "The port to listen on; 0 takes any free port."),
            ConfigurationKey(
                "read_timeout", .integer(1...3600), 30, unit: .seconds, effect: .live,
                "How long a client may take to send its request."),
            ConfigurationKey(
                "write_timeout", .integer(1...3600), 30, unit: .seconds, effect: .live,
                "How long a client may take to accept the answer."),
            ConfigurationKey(
                "max_header_bytes", .integer(1024...16_777_216, zero: "1048576"), 0, unit: .bytes,
                "The largest request head that is read."),
            ConfigurationKey(
                "max_body_bytes", .integer(1024...16_777_216), 1_048_576, unit: .bytes, effect: .live,
                "The largest request body that is read."),
            ConfigurationKey(
                "trusted_proxies", .addressRanges, [], effect: .live,
                "The proxies whose X-Forwarded-For and X-Real-IP are believed; from others these headers are ignored."),
            unused("views_pattern"), unused("left_delims"), unused("right_delims"), unused("env"),
        ])

    private static let api = Section(
        "api", "The HTTP API below /v1.",
        [
            ConfigurationKey(
                "authentication", .choice(["keys", "none"]), "keys", effect: .live,
                "keys: each request needs an API key, made by schedulerd key add; none: everybody who reaches the "
                    + "server may do everything, for a private network.")
        ])

    private static let metrics = Section(
        "metrics", "What Prometheus scrapes, at /metrics of a listener of its own.",
        [
            ConfigurationKey(
                "host", .text(.host), "127.0.0.1",
                "The address to listen on; everybody who reaches it may read."),
            ConfigurationKey(
                "port", .integer(1...65535, zero: "off"), 0, "The port to listen on; 9464 is customary."),
        ])

    private static let staticVersion = Section(
        "static_version", "Versions of the old program's scripts and styles.", [unused("js"), unused("css")])

    private static let masterDB = Section(
        "master_db", "The MySQL or MariaDB server that holds the tasks.",
        [
            ConfigurationKey("host", .text(.host), "127.0.0.1", "The server's name or address."),
            ConfigurationKey("port", .integer(1...65535), 3306, "The server's port."),
            ConfigurationKey(
                "socket", .text(.socket), "", "The server's Unix socket; when set, host and port are not used."),
            ConfigurationKey("db_name", .text(.databaseName), "schedulerd", "The database."),
            ConfigurationKey("db_user", .text(.line), "schedulerd", "The account."),
            ConfigurationKey("db_pwd", .text(.line), "", secret: true, "The account's password."),
            ConfigurationKey("prefix", .text(.tablePrefix), "", "Put before the name of every table and view."),
            ConfigurationKey(
                "db_charset", .choice(["utf8", "utf8mb4"]), "utf8mb4", effect: .fixed,
                "The old program's character set; the connection speaks utf8mb4 in either case."),
            ConfigurationKey(
                "tls", .choice(["off", "preferred", "required", "verify"]), "preferred",
                "Encryption: off never, preferred if the server offers it, required or no connection, verify also "
                    + "checks the server's certificate and name."),
            ConfigurationKey(
                "tls_ca", .text(.path), "",
                "The certificate authorities to check the server against (PEM); empty: those of the system."),
            ConfigurationKey(
                "db_max_open_conns", .integer(1...256), 8, "The most connections this process opens."),
            ConfigurationKey(
                "db_max_idle_conns", .integer(1...256, zero: "none"), 8,
                "The most connections kept open while idle; never more than db_max_open_conns."),
            ConfigurationKey(
                "db_max_lifetime_conns", .integer(1...604_800, zero: "no limit"), 7200, unit: .seconds,
                "The age at which a connection is replaced."),
            ConfigurationKey(
                "connect_timeout_ms", .integer(100...120_000), 5000, unit: .milliseconds,
                "How long connecting may take, greeting and login included."),
            ConfigurationKey(
                "read_timeout_ms", .integer(1000...3_600_000), 10_000, unit: .milliseconds,
                "How long the server may take to answer; longer than lock_wait_s."),
            ConfigurationKey(
                "write_timeout_ms", .integer(1000...3_600_000), 10_000, unit: .milliseconds,
                "How long the server may take to accept a statement."),
            ConfigurationKey(
                "lock_wait_s", .integer(1...300), 5, unit: .seconds,
                "How long a statement waits for a row lock before it is tried again from the start."),
        ])

    /// The same keys as `master_db`. What tells the server from the master is not taken over from it.
    private static let slaveDB = Section(
        "slave_db",
        "The replica that administration pages and reports read from. Without any key here they read from master_db.",
        masterDB.keys.map { key in
            let ownAddress = ["host", "port", "socket"].contains(key.name)
            return ConfigurationKey(
                key.name, key.kind, key.standard, unit: key.unit, effect: key.effect, secret: key.isSecret,
                inherits: ownAddress ? nil : key.path,
                ownAddress ? key.doc : "As \(key.path), for the replica.")
        } + [
            ConfigurationKey(
                "fallback", .choice(["on", "off"]), "on", effect: .live,
                "What pages do while the replica is away or too far behind: on reads from master_db, off spares it: what "
                    + "is behind is shown as it is, and what is away is not shown."),
            ConfigurationKey(
                "max_lag_s", .integer(1...86_400), 15, unit: .seconds, effect: .live,
                "How far the replica may be behind, by the age of the newest heartbeat that it has; more than "
                    + "cluster.heartbeat_s."),
        ])

    private static let redis = Section(
        "redis", "The Redis server, for the roles intake and admin, and for intake.buffer.",
        [
            ConfigurationKey("host", .text(.host), "127.0.0.1", "The server's name or address."),
            ConfigurationKey("port", .integer(1...65535), 6379, "The server's port."),
            ConfigurationKey(
                "socket", .text(.socket), "", "The server's Unix socket; when set, host and port are not used."),
            ConfigurationKey("db_name", .integer(0...65535), 0, "The number of the database."),
            ConfigurationKey(
                "db_user", .text(.line), "",
                "The name of an ACL user (Redis 6 and later); empty: the default user."),
            ConfigurationKey("db_pwd", .text(.line), "", secret: true, "The password; empty: no login."),
            ConfigurationKey(
                "db_max_open_conns", .integer(1...256), 8, "The most connections this process opens."),
            ConfigurationKey(
                "db_max_idle_conns", .integer(1...256, zero: "none"), 8,
                "The most connections kept open while idle; never more than db_max_open_conns."),
            ConfigurationKey(
                "db_max_lifetime_conns", .integer(1...604_800, zero: "no limit"), 0, unit: .seconds,
                "The age at which a connection is replaced."),
        ])

    private static let session = Section(
        "session", "Sessions of the administration pages.",
        [
            ConfigurationKey("name", .text(.name), "GOSESSIONID", "The name of the session's cookie."),
            ConfigurationKey(
                "idle_s", .integer(60...604_800), 7200, unit: .seconds, effect: .live,
                "How long who is signed in may do nothing before he must sign in again."),
            ConfigurationKey(
                "absolute_s", .integer(60...2_592_000), 86_400, unit: .seconds, effect: .live,
                "How long after he signed in a user must do so again in any case; for sessions that begin from now on."),
            unused("key_pairs", secret: true),
        ])

    private static func unused(_ name: String, secret: Bool = false) -> ConfigurationKey {
        ConfigurationKey(
            name, .text(.line), "", effect: .none, secret: secret,
            "No meaning here; accepted from the old program's file, with a warning.")
    }
}
