package import MySQL

extension Script {
    /// Makes sure that the incarnation has not ended, and that it does not until this transaction is over: recovery
    /// locks the same row before it takes the claims away. To be followed by an INSERT into `claims` with `@incarnation`,
    /// which fails with `MySQLError.fenced` when the row is gone from under it.
    mutating func fence(_ incarnation: UInt64, _ tables: Tables) {
        statement("SET @incarnation = NULL")
        statement(
            "SELECT incarnation INTO @incarnation FROM ", .table(tables.instances), " WHERE incarnation = ",
            .value(incarnation), " AND ended_at IS NULL LOCK IN SHARE MODE")
    }

    mutating func beginInsertIntoClaims(_ incarnation: UInt64, _ tables: Tables) {
        fence(incarnation, tables)
        begin(
            "INSERT INTO ", .table(tables.claims),
            " (task_id, incarnation, queue_id, plan_time, attempt, claimed_at, started_at) VALUES ")
    }
}

extension MySQLError {
    /// A claim was inserted for an incarnation that has ended: `claims.incarnation` may not be NULL.
    package var isFenced: Bool { code == Code(rawValue: 1048) }
}
