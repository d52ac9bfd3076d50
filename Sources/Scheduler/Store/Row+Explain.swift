import MySQL

extension Row {
    /// How many rows the optimizer expects, from a row of `EXPLAIN FORMAT=TRADITIONAL`.
    func explainedRows(_ server: ServerInfo) throws(MySQLError) -> Int {
        // MySQL has a column for partitions before it.
        let column = server.kind == .mariadb ? 8 : 9
        guard values.count > column else {
            throw MySQLError(.unexpectedRow, "EXPLAIN gave \(values.count) columns")
        }
        return try optional(column, Row.integer) ?? 0
    }
}
