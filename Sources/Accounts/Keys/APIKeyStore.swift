package import MySQL

/// The table of the API's keys.
package struct APIKeyStore: Sendable {
    private let pool: ConnectionPool
    private let table: TableName

    /// Keys that there may be: each instance has all of them in memory.
    package static let most = 1000

    /// - Parameter prefix: of the tables' names.
    package init(_ pool: ConnectionPool, prefix: String) {
        self.pool = pool
        table = TableName(prefix: prefix, "api_keys")
    }

    // MARK: Reading

    /// All, by name.
    package func all() async throws -> [APIKey] {
        let query = select + " ORDER BY name"
        return try await pool.retrying { connection in try connection.run(query).rows.map(APIKey.init) }
    }

    /// By name, those after this one.
    package func keys(after name: String, limit: Int) async throws -> [APIKey] {
        let query: Query = select + " WHERE name > \(name) ORDER BY name LIMIT \(limit)"
        return try await pool.retrying { connection in try connection.run(query).rows.map(APIKey.init) }
    }

    package func key(id: Int) async throws -> APIKey? {
        let query: Query = select + " WHERE id = \(id)"
        return try await pool.retrying { connection in try connection.run(query).rows.first.map(APIKey.init) }
    }

    package func key(_ name: String) async throws -> APIKey? {
        let query: Query = select + " WHERE name = \(name)"
        return try await pool.retrying { connection in try connection.run(query).rows.first.map(APIKey.init) }
    }

    package func table() async throws -> APIKeyTable {
        let query = select
        return try await pool.retrying { connection in
            let now = try connection.run("SELECT UTC_TIMESTAMP(6)").rows[0].time(0)
            return APIKeyTable(try connection.run(query).rows.map(APIKey.init), readAt: now)
        }
    }

    private var select: Query {
        """
        SELECT id, name, secret_prefix, scopes, queues, requests_per_second, created_at, created_by, expires_at,
          last_used_at, disabled_at, secret_hash FROM \(table)
        """
    }

    // MARK: Writing

    /// - Parameter creator: as the audit log calls him.
    /// - Returns: the key itself, which is kept nowhere.
    /// - Throws: `APIKeyError.invalid`, `nameTaken` or `tooMany`.
    package func add(_ new: NewAPIKey, by creator: String) async throws -> (key: APIKey, secret: APIKeySecret) {
        try new.check()
        let secret = APIKeySecret.random()
        let queues = new.queues.map { $0.sorted().joined(separator: ",") }
        try await pool.retrying { [table] connection in
            guard try connection.run("SELECT COUNT(*) FROM \(table)").rows[0].integer(0) < Self.most else {
                throw APIKeyError.tooMany
            }
            do throws(MySQLError) {
                try connection.run(
                    """
                    INSERT INTO \(table) (name, secret_hash, secret_prefix, scopes, queues, requests_per_second,
                      created_at, created_by, expires_at)
                    VALUES (\(new.name), \(secret.digest), \(secret.prefix), \(KeyScope.text(new.scopes)),
                      \(optional: queues), \(optional: new.requestsPerSecond), UTC_TIMESTAMP(6), \(creator),
                      \(optional: new.expiresAt))
                    """)
            } catch {
                guard error.code == .duplicateKey else { throw error }
                throw APIKeyError.nameTaken(new.name)
            }
        }
        guard let key = try await key(new.name) else { throw APIKeyError.unknown(new.name) }
        return (key, secret)
    }

    /// - Throws: `APIKeyError.unknown`.
    package func disable(id: Int) async throws {
        try await change(
            id,
            "UPDATE \(table) SET disabled_at = COALESCE(disabled_at, UTC_TIMESTAMP(6)) WHERE id = \(id)")
    }

    /// - Throws: `APIKeyError.unknown`.
    package func delete(id: Int) async throws {
        try await change(id, "DELETE FROM \(table) WHERE id = \(id)")
    }

    /// Notes that a key was used. Of all instances one writes it, and once a minute at most.
    package func noteUse(of id: Int) async throws {
        _ = try await pool.retrying { [table] connection in
            try connection.run(
                """
                UPDATE \(table) SET last_used_at = UTC_TIMESTAMP(6) WHERE id = \(id)
                  AND (last_used_at IS NULL OR last_used_at < UTC_TIMESTAMP(6) - INTERVAL 60 SECOND)
                """)
        }
    }

    private func change(_ id: Int, _ statement: Query) async throws {
        let affected = try await pool.retrying { connection in try connection.run(statement).affected }
        guard affected > 0 else { throw APIKeyError.unknown("\(id)") }
    }
}

extension APIKey {
    fileprivate init(_ row: Row) throws(MySQLError) {
        id = try row.integer(0)
        name = try row.text(1)
        prefix = try row.text(2)
        // Those of a newer program give nothing.
        scopes = Set(try row.text(3).split(separator: ",").compactMap { KeyScope(rawValue: String($0)) })
        queues = try row.optional(4, Row.text).map { Set($0.split(separator: ",").map(String.init)) }
        requestsPerSecond = try row.optional(5, Row.integer)
        createdAt = try row.time(6)
        createdBy = try row.text(7)
        expiresAt = try row.optional(8, Row.time)
        lastUsedAt = try row.optional(9, Row.time)
        disabledAt = try row.optional(10, Row.time)
        digest = try row.bytes(11)
    }
}
