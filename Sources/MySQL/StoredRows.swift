import CMariaDB

/// The rows of one result, as libmariadb keeps them: a value is decoded when it is asked for, and nothing is copied before.
final class StoredRows: @unchecked Sendable {
    // Filled before it is shared, and never changed after; what libmariadb has stored stands apart from its connection.
    private let set: UnsafeMutablePointer<MYSQL_RES>
    private let kinds: [ColumnKind]
    /// Row after row; without a base address: NULL.
    private let cells: [UnsafeRawBufferPointer]
    let count: Int

    /// Takes over `set`, which is whole.
    init(_ set: UnsafeMutablePointer<MYSQL_RES>) {
        self.set = set
        kinds = TextResult.kinds(set)
        count = Int(mysql_num_rows(set))
        let columns = kinds.count
        cells = [UnsafeRawBufferPointer](unsafeUninitializedCapacity: count * columns) { cells, filled in
            while let row = mysql_fetch_row(set), let lengths = mysql_fetch_lengths(set) {
                for column in 0..<columns {
                    let cell = row[column].map { UnsafeRawBufferPointer(start: $0, count: Int(lengths[column])) }
                    cells.initializeElement(at: filled, to: cell ?? UnsafeRawBufferPointer(start: nil, count: 0))
                    filled += 1
                }
            }
        }
    }

    deinit {
        mysql_free_result(set)
    }

    var columnCount: Int { kinds.count }

    func kind(_ column: Int) -> ColumnKind { kinds[column] }

    /// nil: NULL. Valid while this object is.
    func content(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer? {
        let cell = cells[row * kinds.count + column]
        return cell.baseAddress == nil ? nil : cell
    }
}
