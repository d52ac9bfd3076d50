import MySQL

extension MySQLStore {
    /// Runs `body` while no other session does what has this name, among those that share the tables.
    /// - Returns: nil when another is at it.
    func withNamedLock<T>(_ name: String, _ connection: Connection, _ body: () throws -> T) throws -> T? {
        let lock: Query =
            "CONCAT('schedulerd:', LEFT(SHA2(CONCAT(DATABASE(), '/', \(tables.tasks.text), '/', \(name)), 256), 40))"
        guard try connection.run("SELECT GET_LOCK(" + lock + ", 0)").rows[0].optional(0, Row.integer) == 1 else {
            return nil
        }
        defer {
            // A lock that could not be released ends with its connection.
            _ = try? connection.run("SELECT RELEASE_LOCK(" + lock + ")")
        }
        return try body()
    }
}
