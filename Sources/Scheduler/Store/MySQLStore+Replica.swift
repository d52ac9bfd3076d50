package import MySQL
import ThreadPool

extension MySQLStore {
    /// A copy of the database that is only read from.
    package struct Replica: Sendable {
        package var options: ConnectionOptions
        package var connections: Int
        package var lifetime: Duration

        /// Who looks does not wait for longer; what pages read takes a fifth of a second.
        private static let patience: Duration = .seconds(3)

        package init(options: ConnectionOptions, connections: Int, lifetime: Duration) {
            self.options = options
            self.options.isOnlyRead = true
            self.options.connectTimeout = min(options.connectTimeout, Self.patience)
            self.options.readTimeout = min(options.readTimeout, Self.patience)
            self.options.writeTimeout = min(options.writeTimeout, Self.patience)
            self.connections = connections
            self.lifetime = lifetime
        }

        var limits: ConnectionPool.Limits {
            .init(connections: connections, waitTimeout: Self.patience, lifetime: lifetime)
        }
    }

    /// For what people look at.
    var reader: ConnectionPool {
        ReadSource.current == .replica ? replica ?? front : front
    }

    /// The newest heartbeat that the replica has. What was committed before it is there too: rows come in the order of the
    /// commits. nil: there is none of a living instance.
    package func newestHeartbeatOfReplica() async throws -> Timestamp? {
        guard let replica else { return nil }
        let tables = tables
        return try await replica.withConnection { try Self.newestHeartbeat($0, tables) }
    }

    package static func newestHeartbeat(_ connection: Connection, _ tables: Tables) throws -> Timestamp? {
        try connection.run("SELECT MAX(heartbeat_at) FROM \(tables.instances) WHERE ended_at IS NULL").rows[0]
            .optional(0, Row.time)
    }
}
