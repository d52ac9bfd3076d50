import Migrations
import MySQL
import Scheduler

/// Looks at the replica, if there is one. It changes nothing.
struct ReplicaCheckup: Sendable {
    let configuration: Configuration

    /// Blocks.
    func findings() -> [Finding] {
        guard let database = configuration.slaveDB else { return [] }
        let place = "replica \(database.options.display)"
        do {
            // Before the replica is asked, so that it is not blamed for what comes meanwhile.
            let newest = try newestHeartbeat(configuration.masterDB)
            let replica = try Connection(database.options)
            let kind = replica.server.kind == .mariadb ? "MariaDB" : "MySQL"
            return try [
                .ok(place, "\(kind) \(replica.server.version)"), Self.rights(isReadOnly: replica.server.isReadOnly),
                Self.lag(
                    newest.heartbeat, now: newest.now,
                    replica: MySQLStore.newestHeartbeat(replica, Tables(prefix: database.prefix)),
                    limit: configuration.replicaRules.maxLag),
            ]
        } catch {
            return [
                .problem(
                    place, "cannot be used: \(error)",
                    "see whether it runs, and slave_db names it, its user and its password rightly; the pages "
                        + (configuration.replicaRules.fallsBack
                            ? "read from master_db meanwhile" : "say so meanwhile: slave_db.fallback is off"))
            ]
        }
    }

    private func newestHeartbeat(
        _ database: Configuration.Database
    ) throws -> (now: Timestamp, heartbeat: Timestamp?) {
        let connection = try Connection(database.options)
        let heartbeat = try MySQLStore.newestHeartbeat(connection, Tables(prefix: database.prefix))
        return (try connection.run("SELECT UTC_TIMESTAMP(6)").rows[0].time(0), heartbeat)
    }

    static func rights(isReadOnly: Bool) -> Finding {
        if isReadOnly { return .ok("replica's writes", "read_only is on") }
        return .warning(
            "replica's writes", "read_only is off",
            "set it: what is written there by mistake is nowhere else, and ends the replication sooner or later")
    }

    /// - Parameters:
    ///   - heartbeat: the newest that the primary had, a moment before the replica was asked.
    ///   - limit: slave_db.max_lag_s.
    static func lag(_ heartbeat: Timestamp?, now: Timestamp, replica: Timestamp?, limit: Duration) -> Finding {
        guard let heartbeat else {
            return .warning(
                "replica's lag", "cannot be told: no instance has left a heartbeat",
                "look again while one runs")
        }
        if let replica, replica >= heartbeat { return .ok("replica's lag", "it has the newest heartbeat") }
        let behind = replica.map { "it is \((heartbeat - $0).components.seconds) s behind" }
        if let replica, now - replica <= limit { return .ok("replica's lag", behind!) }
        return .problem(
            "replica's lag", behind ?? "it has no heartbeat of a living instance",
            "see SHOW REPLICA STATUS there: whether both threads run, and what the last error was; slave_db.max_lag_s is "
                + "\(limit.components.seconds)")
    }
}
