import Migrations
import MySQL
import Scheduler

/// What can be exported: the rows of a view for reports.
enum ExportedRows: String, CaseIterable {
    case tasks, attempts

    var view: String { "report_\(rawValue)" }
}

/// Reads tasks or attempts in order of their ids, page by page: neither this process nor a transaction of the server grows
/// with their number, and a reader that is slow holds nothing up.
struct Export {
    let rows: ExportedRows
    /// Ids at or after it, and before `to`.
    let from: TaskID
    let to: TaskID
    let format: ExportFormat
    let prefix: String
    /// Rows that are asked for with one statement.
    var page = 10_000

    /// Bytes that are written at once, about.
    private static let piece = 256 * 1024

    /// - Parameter write: gets bytes, the time of creation that is reached and the rows so far.
    /// - Returns: the number of rows.
    func run(
        on connection: Connection, _ write: (_ bytes: [UInt8], _ reached: Timestamp, _ count: Int) throws -> Void
    ) throws -> Int {
        let columns = ReportView.all.first { $0.name == rows.view }!.columns.map(\.name).filter { $0 != "id" }
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
            " FROM ", .table(TableName(prefix: prefix, rows.view)), " WHERE id >= ", .value(last), " AND id < ",
            .value(to), " AND (id > ", .value(last), " OR ", number, " > ", .value(attempt), ") ORDER BY id")
        if rows == .attempts { script.begin(", attempt") }
        script.begin(" LIMIT ", .value(page))
        script.end()
        return script
    }

    private static func isFraction(_ column: String) -> Bool { column.hasSuffix("_ms") && column != "timeout_ms" }
}
