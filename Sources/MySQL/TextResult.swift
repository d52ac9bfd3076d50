import CMariaDB

/// How a column's value is decoded.
struct ColumnKind: OptionSet {
    let rawValue: UInt8

    static let integer = ColumnKind(rawValue: 1)
    static let unsigned = ColumnKind(rawValue: 2)
    static let double = ColumnKind(rawValue: 4)
    static let time = ColumnKind(rawValue: 8)
    static let text = ColumnKind(rawValue: 16)
    static let bytes = ColumnKind(rawValue: 32)

    init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

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
        let rows = StoredRows(set)
        result.rows = (0..<rows.count).map { Row(rows, $0) }
        return result
    }

    static func kinds(_ set: UnsafeMutablePointer<MYSQL_RES>) -> [ColumnKind] {
        (0..<mysql_num_fields(set)).map { ColumnKind(mysql_fetch_field_direct(set, $0)!.pointee) }
    }

    /// The next row of a result that is not stored; nil at the end, and when the connection is lost.
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

    static func decode(_ content: UnsafeRawBufferPointer, _ kind: ColumnKind) -> SQLValue? {
        switch kind {
        case .integer: integer(content).map(SQLValue.integer)
        case .unsigned: UInt64(String(decoding: content, as: UTF8.self)).map(SQLValue.unsigned)
        case .double: Double(String(decoding: content, as: UTF8.self)).map(SQLValue.double)
        case .time: time(content).map(SQLValue.time)
        case .text: .text(String(decoding: content, as: UTF8.self))
        default: .bytes(Array(content))
        }
    }

    static func integer(_ content: UnsafeRawBufferPointer) -> Int64? {
        let isNegative = content.first == UInt8(ascii: "-")
        guard content.count > (isNegative ? 1 : 0) else { return nil }
        // Downwards, where there is one more.
        var number: Int64 = 0
        for byte in isNegative ? content.dropFirst() : content[...] {
            let digit = Int64(byte) - 48
            guard (0...9).contains(digit) else { return nil }
            let (product, isTooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, overflows) = product.subtractingReportingOverflow(digit)
            if isTooLarge || overflows { return nil }
            number = sum
        }
        return isNegative ? number : number == .min ? nil : -number
    }

    /// `2026-11-20 10:00:00.250000`, with 0 to 6 fractional digits, or a date alone.
    static func time(_ content: UnsafeRawBufferPointer) -> Timestamp? {
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
