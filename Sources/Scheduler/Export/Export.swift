package import MySQL

/// What can be exported: the rows of a view for reports.
package enum ExportedRows: String, CaseIterable, Sendable {
    case tasks, attempts

    package var view: String { "report_\(rawValue)" }
}

/// Reads tasks or attempts in order of their ids, page by page: neither this process nor a transaction of the server grows
/// with their number, and a reader that is slow holds nothing up.
package struct Export {
    let rows: ExportedRows
    /// Ids at or after it, and before `to`.
    let from: TaskID
    let to: TaskID
    /// Only of tasks that had ended by then; nil: of all.
    let endedBefore: Timestamp?
    let format: ExportFormat
    let tables: Tables
    /// Rows that are asked for with one statement.
    let page: Int

    /// Bytes that are written at once, about.
    private static let piece = 256 * 1024

    /// - Parameters:
    ///   - from: ids at or after it, and before `to`.
    ///   - endedBefore: only tasks that had ended by then, and their attempts; nil: all.
    ///   - page: rows that are asked for with one statement.
    package init(
        rows: ExportedRows, from: TaskID, to: TaskID, endedBefore: Timestamp? = nil, format: ExportFormat,
        tables: Tables, page: Int = 10_000
    ) {
        self.rows = rows
        self.from = from
        self.to = to
        self.endedBefore = endedBefore
        self.format = format
        self.tables = tables
        self.page = page
    }

    /// - Parameter write: gets bytes, the time of creation that is reached and the rows so far.
    /// - Returns: the number of rows.
    package func run(
        on connection: Connection, _ write: (_ bytes: [UInt8], _ reached: Timestamp, _ count: Int) throws -> Void
    ) throws -> Int {
        let columns = try columns(connection)
        var bytes = format.head(columns)
        var (count, last, attempt) = (0, from, 0)
        while true {
            let stream = try RowStream(statement(columns, after: last, attempt), on: connection)
            var found = 0
            while let row = try stream.next() {
                (last, attempt) = (try row.taskID(0), try row.integer(1))
                format.write(row.values.dropFirst(2), columns, to: &bytes)
                found += 1
                if bytes.count >= Self.piece {
                    try write(bytes, last.time, count + found)
                    bytes.removeAll(keepingCapacity: true)
                }
            }
            count += found
            if found < page { break }
        }
        try write(bytes, to.time, count)
        return count
    }

    private var view: TableName { TableName(prefix: tables.prefix, rows.view) }

    /// Those that the view has in this database, without the key.
    private func columns(_ connection: Connection) throws -> [String] {
        var script = Script()
        script.statement("SELECT * FROM ", .table(view), " LIMIT 0")
        return try RowStream(script, on: connection).columns.filter { $0 != "id" }
    }

    /// The first two columns are the key.
    private func statement(_ columns: [String], after last: TaskID, _ attempt: Int) -> Script {
        var script = Script(capacity: 1000)
        let number: Script.Part = rows == .tasks ? "1" : "attempt"
        script.begin("SELECT id, ", number)
        for column in columns {
            script.begin(", ", .table(TableName(prefix: "", column)))
            // DECIMAL comes as text.
            if Self.isFraction(column) { script.begin(" + 0e0") }
        }
        script.begin(
            " FROM ", .table(view), " v WHERE id >= ", .value(last), " AND id < ", .value(to), " AND (id > ",
            .value(last), " OR ", number, " > ", .value(attempt), ")")
        if let endedBefore {
            script.begin(
                " AND EXISTS (SELECT 1 FROM ", .table(tables.tasks), " e WHERE e.id = v.id AND e.state IN (1, 3, 4)",
                " AND e.finished_at < ", .value(endedBefore), ")")
        }
        script.begin(" ORDER BY id")
        if rows == .attempts { script.begin(", attempt") }
        script.begin(" LIMIT ", .value(page))
        script.end()
        return script
    }

    private static func isFraction(_ column: String) -> Bool { column.hasSuffix("_ms") && column != "timeout_ms" }
}
