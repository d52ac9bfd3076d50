import CMariaDB

/// The rows of one SELECT as they come from the server, however many there are. The connection can do nothing else until
/// the last one was read, or the stream is gone.
package final class RowStream {
    private let connection: Connection
    private var set: UnsafeMutablePointer<MYSQL_RES>?
    private let kinds: [ColumnKind]
    /// Names of the columns.
    package let columns: [String]

    package init(_ script: Script, on connection: Connection) throws(MySQLError) {
        self.connection = connection
        let handle = connection.handle
        let status = script.bytes.withUnsafeBytes {
            mysql_real_query(handle, $0.baseAddress!.assumingMemoryBound(to: CChar.self), UInt(script.bytes.count))
        }
        guard status == 0, let set = mysql_use_result(handle) else { throw MySQLError(handle) }
        self.set = set
        kinds = TextResult.kinds(set)
        columns = (0..<mysql_num_fields(set)).map { String(cString: mysql_fetch_field_direct(set, $0)!.pointee.name) }
    }

    deinit {
        // Reads what is left.
        if let set { mysql_free_result(set) }
    }

    /// nil: there are no more.
    package func next() throws(MySQLError) -> Row? {
        guard let set else { return nil }
        if let row = try TextResult.row(set, kinds) { return row }
        self.set = nil
        mysql_free_result(set)
        guard mysql_errno(connection.handle) == 0 else { throw MySQLError(connection.handle) }
        return nil
    }
}
