/// One row of a result; columns by position, as in the statement.
package struct Row: Sendable {
    private enum Storage: Sendable {
        case values([SQLValue])
        case stored(StoredRows, Int)
    }

    private let storage: Storage

    package init(values: [SQLValue]) {
        storage = .values(values)
    }

    init(_ rows: StoredRows, _ index: Int) {
        storage = .stored(rows, index)
    }

    package var values: [SQLValue] {
        switch storage {
        case .values(let values): values
        case .stored(let rows, _): (0..<rows.columnCount).map { self[$0] }
        }
    }

    package subscript(column: Int) -> SQLValue {
        switch storage {
        case .values(let values): values[column]
        case .stored(let rows, let index):
            rows.content(index, column).map { content in
                // What is not of its column's type shows as it came.
                TextResult.decode(content, rows.kind(column)) ?? .text(String(decoding: content, as: UTF8.self))
            } ?? .null
        }
    }

    package func isNull(_ column: Int) -> Bool {
        switch storage {
        case .values(let values): values[column] == .null
        case .stored(let rows, let index): rows.content(index, column) == nil
        }
    }

    package func integer(_ column: Int) throws(MySQLError) -> Int {
        if let number = read(column, of: [.integer, .unsigned], TextResult.integer) { return Int(number) }
        switch self[column] {
        case .integer(let number): return Int(number)
        case .unsigned(let number) where number <= UInt64(Int.max): return Int(number)
        // DECIMAL, the type of SUM() and of some COUNT() expressions, comes as text.
        case .text(let text):
            guard let number = Int(text) else { throw unexpected(column, "an integer") }
            return number
        default: throw unexpected(column, "an integer")
        }
    }

    package func double(_ column: Int) throws(MySQLError) -> Double {
        guard case .double(let number) = self[column] else { throw unexpected(column, "a floating-point number") }
        return number
    }

    package func text(_ column: Int) throws(MySQLError) -> String {
        if let text = read(column, of: [.text, .bytes], { String(decoding: $0, as: UTF8.self) }) { return text }
        switch self[column] {
        case .text(let text): return text
        case .bytes(let bytes): return String(decoding: bytes, as: UTF8.self)
        default: throw unexpected(column, "text")
        }
    }

    package func bytes(_ column: Int) throws(MySQLError) -> [UInt8] {
        if let bytes = read(column, of: [.text, .bytes], { Array($0) }) { return bytes }
        switch self[column] {
        case .bytes(let bytes): return bytes
        case .text(let text): return Array(text.utf8)
        default: throw unexpected(column, "bytes")
        }
    }

    /// Lends the bytes of a text or binary column, without copying them where that can be.
    package func withBytes<T>(_ column: Int, _ body: (UnsafeRawBufferPointer) -> T) throws(MySQLError) -> T {
        if let value = read(column, of: [.text, .bytes], { body($0) }) { return value }
        return try bytes(column).withUnsafeBytes(body)
    }

    package func time(_ column: Int) throws(MySQLError) -> Timestamp {
        if let time = read(column, of: [.time], TextResult.time) { return time }
        guard case .time(let time) = self[column] else { throw unexpected(column, "a time") }
        return time
    }

    package func optional<T>(
        _ column: Int, _ decode: (Row) -> (Int) throws(MySQLError) -> T
    ) throws(MySQLError) -> T? {
        isNull(column) ? nil : try decode(self)(column)
    }

    /// The value of a stored row whose column is of one of the kinds; nil: it is not, it is NULL, or it cannot be read so.
    private func read<T>(
        _ column: Int, of kinds: ColumnKind, _ decode: (UnsafeRawBufferPointer) -> T?
    ) -> T? {
        guard case .stored(let rows, let index) = storage, kinds.contains(rows.kind(column)),
            let content = rows.content(index, column)
        else { return nil }
        return withExtendedLifetime(rows) { decode(content) }
    }

    private func unexpected(_ column: Int, _ what: String) -> MySQLError {
        MySQLError(.unexpectedRow, "column \(column) is \(self[column]), expected \(what)")
    }
}

/// What one statement gave: rows for a SELECT, a count for the others.
package struct StatementResult: Sendable {
    package var rows: [Row] = []
    /// Rows matched by an UPDATE, deleted or inserted.
    package var affected = 0
    package var lastInsertID: UInt64 = 0
}
