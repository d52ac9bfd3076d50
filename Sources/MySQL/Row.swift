/// One row of a result; columns by position, as in the statement.
package struct Row: Sendable {
    package let values: [SQLValue]

    package init(values: [SQLValue]) {
        self.values = values
    }

    package subscript(column: Int) -> SQLValue { values[column] }

    package func isNull(_ column: Int) -> Bool { values[column] == .null }

    package func integer(_ column: Int) throws(MySQLError) -> Int {
        switch values[column] {
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
        guard case .double(let number) = values[column] else { throw unexpected(column, "a floating-point number") }
        return number
    }

    package func text(_ column: Int) throws(MySQLError) -> String {
        switch values[column] {
        case .text(let text): return text
        case .bytes(let bytes): return String(decoding: bytes, as: UTF8.self)
        default: throw unexpected(column, "text")
        }
    }

    package func bytes(_ column: Int) throws(MySQLError) -> [UInt8] {
        switch values[column] {
        case .bytes(let bytes): return bytes
        case .text(let text): return Array(text.utf8)
        default: throw unexpected(column, "bytes")
        }
    }

    package func time(_ column: Int) throws(MySQLError) -> Timestamp {
        guard case .time(let time) = values[column] else { throw unexpected(column, "a time") }
        return time
    }

    package func optional<T>(
        _ column: Int, _ decode: (Row) -> (Int) throws(MySQLError) -> T
    ) throws(MySQLError) -> T? {
        isNull(column) ? nil : try decode(self)(column)
    }

    private func unexpected(_ column: Int, _ what: String) -> MySQLError {
        MySQLError(.unexpectedRow, "column \(column) is \(values[column]), expected \(what)")
    }
}

/// What one statement gave: rows for a SELECT, a count for the others.
package struct StatementResult: Sendable {
    package var rows: [Row] = []
    /// Rows matched by an UPDATE, deleted or inserted.
    package var affected = 0
    package var lastInsertID: UInt64 = 0
}
