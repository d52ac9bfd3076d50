import MySQL

extension MySQLStore {
    /// Checks with two connections that `FOR UPDATE SKIP LOCKED` locks and skips on this server: some that speak the
    /// protocol parse it and lock nothing, and every claim would be made twice.
    func probeSkipLocked(_ incarnation: UInt64) async throws {
        let tables = tables
        let options = options
        try await engine.withConnection { first in
            let second = try Connection(options)
            let lock: Query = """
                SELECT incarnation FROM \(tables.instances) WHERE incarnation = \(incarnation) FOR UPDATE SKIP LOCKED
                """
            try first.transaction { first in
                guard try first.run(lock).rows.count == 1 else {
                    throw MySQLError(
                        .unsupportedServer, "SELECT … FOR UPDATE SKIP LOCKED did not find a row that is there")
                }
                let skipped = try second.transaction { try $0.run(lock).rows.isEmpty }
                guard skipped else {
                    throw MySQLError(
                        .unsupportedServer,
                        "this server does not lock rows for SELECT … FOR UPDATE SKIP LOCKED; tasks would be run twice. "
                            + "MariaDB 10.6 or later, or MySQL 8.0 or later, is needed")
                }
            }
        }
    }

    /// The tables that this build needs and the database lacks.
    ///
    /// Each is asked for itself: `information_schema` loses sight of a table while its partitions are changed.
    package func missingTables() async throws -> [String] {
        let tables = tables
        return try await engine.withConnection { connection in
            try tables.all.filter { table in
                do throws(MySQLError) {
                    try connection.run("SELECT 1 FROM \(table) LIMIT 0")
                    return false
                } catch {
                    guard error.code == .noSuchTable else { throw error }
                    return true
                }
            }.map(\.text)
        }
    }
}
