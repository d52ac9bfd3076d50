import MySQL

extension MySQLStore {
    /// All that there are, by destination, the oldest first. Few have any.
    static func secrets(_ connection: Connection, _ tables: Tables) throws -> [Int: [SealedSecret]] {
        let rows = try connection.run(
            "SELECT destination_id, id, sealed, created_at FROM \(tables.destinationSecrets) ORDER BY id LIMIT 20000"
        ).rows
        return try rows.reduce(into: [:]) { secrets, row in
            secrets[try row.integer(0), default: []].append(
                SealedSecret(id: try row.integer(1), sealed: try row.bytes(2), createdAt: try row.time(3)))
        }
    }

    /// Puts one beside those of a destination. - Returns: false when it has as many as may be.
    package func addSecret(_ sealed: [UInt8], destination id: Int) async throws -> Bool {
        let tables = tables
        return try await front.retrying { connection in
            try connection.transaction { connection in
                // Whoever adds or takes away does it one after the other.
                guard try Self.lockDestination(id, connection, tables) else { return false }
                let count = try connection.run(
                    "SELECT COUNT(*) FROM \(tables.destinationSecrets) WHERE destination_id = \(id)"
                ).rows[0].integer(0)
                guard count < SealedSecret.most else { return false }
                try connection.run(
                    """
                    INSERT INTO \(tables.destinationSecrets) (destination_id, sealed, created_at)
                    VALUES (\(id), \(sealed), UTC_TIMESTAMP(6))
                    """)
                // The board of each instance goes by what has changed.
                try connection.run(
                    "UPDATE \(tables.destinations) SET is_kept = 1, updated_at = UTC_TIMESTAMP(6) WHERE id = \(id)")
                return true
            }
        }
    }

    /// Takes the oldest ones of a destination away, so that so many are left. - Returns: how many were taken.
    package func dropSecrets(destination id: Int, keeping count: Int) async throws -> Int {
        let tables = tables
        return try await front.retrying { connection in
            try connection.transaction { connection in
                guard try Self.lockDestination(id, connection, tables) else { return 0 }
                let ids = try connection.run(
                    "SELECT id FROM \(tables.destinationSecrets) WHERE destination_id = \(id) ORDER BY id"
                ).rows.map { try $0.integer(0) }
                for old in ids.dropLast(count) {
                    try connection.run("DELETE FROM \(tables.destinationSecrets) WHERE id = \(old)")
                }
                return max(0, ids.count - count)
            }
        }
    }

    private static func lockDestination(
        _ id: Int, _ connection: Connection, _ tables: Tables
    ) throws(MySQLError) -> Bool {
        try !connection.run("SELECT id FROM \(tables.destinations) WHERE id = \(id) FOR UPDATE").rows.isEmpty
    }
}
