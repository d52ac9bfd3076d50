import CMariaDB

/// How a column's value is decoded.
enum ColumnKind {
    case integer, unsigned, double, time, text, bytes

    init(_ field: MYSQL_FIELD) {
        /// The "binary" pseudo character set: BINARY, VARBINARY and BLOB.
        let isBinary = field.charsetnr == 63
        switch field.type {
        case MYSQL_TYPE_TINY, MYSQL_TYPE_SHORT, MYSQL_TYPE_INT24, MYSQL_TYPE_LONG, MYSQL_TYPE_LONGLONG, MYSQL_TYPE_YEAR:
            self = field.flags & UInt32(UNSIGNED_FLAG) != 0 ? .unsigned : .integer
        case MYSQL_TYPE_FLOAT, MYSQL_TYPE_DOUBLE: self = .double
        case MYSQL_TYPE_DATETIME, MYSQL_TYPE_TIMESTAMP, MYSQL_TYPE_DATE: self = .time
        case MYSQL_TYPE_DECIMAL, MYSQL_TYPE_NEWDECIMAL: self = .text
        default: self = isBinary ? .bytes : .text
        }
    }
}

/// Reads what the text protocol sends for one statement.
enum TextResult {
    static func read(from handle: UnsafeMutablePointer<MYSQL>) throws(MySQLError) -> StatementResult {
        var result = StatementResult()
        guard let set = mysql_store_result(handle) else {
            guard mysql_field_count(handle) == 0 else { throw MySQLError(handle) }
            result.affected = Int(truncatingIfNeeded: mysql_affected_rows(handle))
            result.lastInsertID = mysql_insert_id(handle)
            return result
        }
        defer { mysql_free_result(set) }
        let kinds = kinds(set)
        result.rows.reserveCapacity(Int(mysql_num_rows(set)))
        while let row = try row(set, kinds) { result.rows.append(row) }
        return result
    }

    static func kinds(_ set: UnsafeMutablePointer<MYSQL_RES>) -> [ColumnKind] {
        (0..<mysql_num_fields(set)).map { ColumnKind(mysql_fetch_field_direct(set, $0)!.pointee) }
    }

    /// The next row; nil at the end, and when the connection is lost.
    static func row(_ set: UnsafeMutablePointer<MYSQL_RES>, _ kinds: [ColumnKind]) throws(MySQLError) -> Row? {
        guard let row = mysql_fetch_row(set), let lengths = mysql_fetch_lengths(set) else { return nil }
        var values: [SQLValue] = []
        values.reserveCapacity(kinds.count)
        for (index, kind) in kinds.enumerated() {
            guard let start = row[index] else {
                values.append(.null)
                continue
            }
            let content = UnsafeRawBufferPointer(start: start, count: Int(lengths[index]))
            guard let value = decode(content, kind) else {
                throw MySQLError(.unexpectedRow, "column \(index) holds \(String(decoding: content, as: UTF8.self))")
            }
            values.append(value)
        }
        return Row(values: values)
    }

    private static func decode(_ content: UnsafeRawBufferPointer, _ kind: ColumnKind) -> SQLValue? {
        switch kind {
        case .integer: integer(content).map(SQLValue.integer)
        case .unsigned: UInt64(String(decoding: content, as: UTF8.self)).map(SQLValue.unsigned)
        case .double: Double(String(decoding: content, as: UTF8.self)).map(SQLValue.double)
        case .time: time(content).map(SQLValue.time)
        case .text: .text(String(decoding: content, as: UTF8.self))
        case .bytes: .bytes(Array(content))
        }
    }

    private static func integer(_ content: UnsafeRawBufferPointer) -> Int64? {
        Int64(String(decoding: content, as: UTF8.self))
    }

    /// `2026-11-20 10:00:00.250000`, with 0 to 6 fractional digits, or a date alone.
    private static func time(_ content: UnsafeRawBufferPointer) -> Timestamp? {
        func number(_ range: Range<Int>) -> Int? {
            guard range.upperBound <= content.count else { return nil }
            var value = 0
            for index in range {
                let digit = Int(content[index]) - 48
                guard (0...9).contains(digit) else { return nil }
                value = value * 10 + digit
            }
            return value
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10) else { return nil }
        var civil = CivilTime(year: year, month: month, day: day)
        if content.count > 10 {
            guard let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19) else {
                return nil
            }
            (civil.hour, civil.minute, civil.second) = (hour, minute, second)
        }
        if content.count > 20 {
            guard var fraction = number(20..<content.count) else { return nil }
            for _ in content.count..<26 { fraction *= 10 }
            civil.microsecond = fraction
        }
        return civil.timestamp
    }
}
