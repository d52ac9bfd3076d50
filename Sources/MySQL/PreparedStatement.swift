import CMariaDB

/// A statement prepared on one connection. Closed by its connection.
final class PreparedStatement {
    private let statement: UnsafeMutablePointer<MYSQL_STMT>
    private let parameterCount: Int

    init(_ handle: UnsafeMutablePointer<MYSQL>, _ text: String) throws(MySQLError) {
        guard let statement = mysql_stmt_init(handle) else { throw MySQLError(handle) }
        guard mysql_stmt_prepare(statement, text, UInt(text.utf8.count)) == 0 else {
            let error = MySQLError(statement)
            mysql_stmt_close(statement)
            throw error
        }
        self.statement = statement
        parameterCount = Int(mysql_stmt_param_count(statement))
    }

    func close() {
        mysql_stmt_close(statement)
    }

    func run(_ parameters: [SQLValue]) throws(MySQLError) -> StatementResult {
        precondition(parameters.count == parameterCount, "a query binds each of its parameters")
        let bindings = ParameterBindings(parameters)
        // The values are read when the statement is sent, not when they are bound.
        let isDone = withExtendedLifetime(bindings) {
            (parameterCount == 0 || mysql_stmt_bind_param(statement, bindings.pointer) == 0)
                && mysql_stmt_execute(statement) == 0
        }
        guard isDone else { throw MySQLError(statement) }
        var result = StatementResult()
        if let metadata = mysql_stmt_result_metadata(statement) {
            defer { mysql_free_result(metadata) }
            result.rows = try readRows(metadata)
        } else {
            result.affected = Int(truncatingIfNeeded: mysql_stmt_affected_rows(statement))
            result.lastInsertID = mysql_stmt_insert_id(statement)
        }
        mysql_stmt_free_result(statement)
        return result
    }

    private func readRows(_ metadata: UnsafeMutablePointer<MYSQL_RES>) throws(MySQLError) -> [Row] {
        let columns = ColumnBindings(metadata)
        guard mysql_stmt_bind_result(statement, columns.pointer) == 0, mysql_stmt_store_result(statement) == 0 else {
            throw MySQLError(statement)
        }
        var rows: [Row] = []
        rows.reserveCapacity(Int(mysql_stmt_num_rows(statement)))
        while true {
            switch mysql_stmt_fetch(statement) {
            // Truncation is how the length of a text or blob becomes known: `ColumnBindings` then fetches it.
            case 0, MYSQL_DATA_TRUNCATED: rows.append(Row(values: columns.values(statement)))
            case MYSQL_NO_DATA: return rows
            default: throw MySQLError(statement)
            }
        }
    }
}

/// The memory behind one execution's parameters.
private final class ParameterBindings {
    let pointer: UnsafeMutablePointer<MYSQL_BIND>
    private var buffers: [UnsafeMutableRawPointer] = []

    init(_ parameters: [SQLValue]) {
        pointer = .allocate(capacity: max(1, parameters.count))
        for (index, parameter) in parameters.enumerated() {
            let bind = pointer + index
            switch parameter {
            case .null: schedulerd_bind_null(bind)
            case .integer(let number): schedulerd_bind_integer(bind, keep(CLongLong(number)), 0)
            case .unsigned(let number): schedulerd_bind_integer(bind, keep(CLongLong(bitPattern: number)), 1)
            case .double(let number): schedulerd_bind_double(bind, keep(number))
            case .text(let text): schedulerd_bind_bytes(bind, keep(Array(text.utf8)), UInt(text.utf8.count), 1)
            case .bytes(let bytes): schedulerd_bind_bytes(bind, keep(bytes), UInt(bytes.count), 0)
            case .time(let time): schedulerd_bind_datetime(bind, keep(MYSQL_TIME(time)))
            }
        }
    }

    deinit {
        for buffer in buffers { buffer.deallocate() }
        pointer.deallocate()
    }

    private func keep<T: BitwiseCopyable>(_ value: T) -> UnsafeMutablePointer<T> {
        let buffer = UnsafeMutablePointer<T>.allocate(capacity: 1)
        buffer.initialize(to: value)
        buffers.append(UnsafeMutableRawPointer(buffer))
        return buffer
    }

    private func keep(_ bytes: [UInt8]) -> UnsafeMutableRawPointer {
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: max(1, bytes.count), alignment: 1)
        buffer.copyMemory(from: bytes, byteCount: bytes.count)
        buffers.append(buffer)
        return buffer
    }
}

/// The memory into which one statement's columns are fetched, a row at a time.
private final class ColumnBindings {
    private struct Column {
        var kind: ColumnKind
        var bind: UnsafeMutablePointer<MYSQL_BIND>
        var length: UnsafeMutablePointer<UInt>
        var isNull: UnsafeMutablePointer<my_bool>
        var storage: UnsafeMutableRawPointer
    }

    let pointer: UnsafeMutablePointer<MYSQL_BIND>
    private var columns: [Column] = []

    init(_ metadata: UnsafeMutablePointer<MYSQL_RES>) {
        let count = Int(mysql_num_fields(metadata))
        pointer = .allocate(capacity: max(1, count))
        for index in 0..<count {
            let field = mysql_fetch_field_direct(metadata, UInt32(index))!.pointee
            let column = Column(
                kind: ColumnKind(field), bind: pointer + index, length: .allocate(capacity: 1),
                isNull: .allocate(capacity: 1),
                storage: .allocate(byteCount: MemoryLayout<MYSQL_TIME>.size, alignment: 8))
            column.length.initialize(to: 0)
            column.isNull.initialize(to: 0)
            switch column.kind {
            case .integer:
                schedulerd_bind_integer(column.bind, column.storage.assumingMemoryBound(to: CLongLong.self), 0)
            case .unsigned:
                schedulerd_bind_integer(column.bind, column.storage.assumingMemoryBound(to: CLongLong.self), 1)
            case .double: schedulerd_bind_double(column.bind, column.storage.assumingMemoryBound(to: Double.self))
            case .time: schedulerd_bind_datetime(column.bind, column.storage.assumingMemoryBound(to: MYSQL_TIME.self))
            case .text: schedulerd_bind_bytes(column.bind, nil, 0, 1)
            default: schedulerd_bind_bytes(column.bind, nil, 0, 0)
            }
            column.bind.pointee.length = column.length
            column.bind.pointee.is_null = column.isNull
            columns.append(column)
        }
    }

    deinit {
        for column in columns {
            column.length.deallocate()
            column.isNull.deallocate()
            column.storage.deallocate()
        }
        pointer.deallocate()
    }

    func values(_ statement: UnsafeMutablePointer<MYSQL_STMT>) -> [SQLValue] {
        columns.enumerated().map { index, column in
            if column.isNull.pointee != 0 { return .null }
            switch column.kind {
            case .integer: return .integer(column.storage.load(as: Int64.self))
            case .unsigned: return .unsigned(column.storage.load(as: UInt64.self))
            case .double: return .double(column.storage.load(as: Double.self))
            case .time: return .time(Timestamp(column.storage.load(as: MYSQL_TIME.self)))
            case .text: return .text(String(decoding: content(of: column, index, statement), as: UTF8.self))
            default: return .bytes(content(of: column, index, statement))
            }
        }
    }

    private func content(
        of column: Column, _ index: Int, _ statement: UnsafeMutablePointer<MYSQL_STMT>
    ) -> [UInt8] {
        let length = Int(column.length.pointee)
        return [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            count = length
            guard length > 0 else { return }
            var bind = MYSQL_BIND()
            schedulerd_bind_bytes(&bind, buffer.baseAddress, UInt(length), 0)
            var fetched: UInt = 0
            withUnsafeMutablePointer(to: &fetched) {
                bind.length = $0
                mysql_stmt_fetch_column(statement, &bind, UInt32(index), 0)
            }
        }
    }
}

extension MySQLError {
    fileprivate init(_ statement: UnsafeMutablePointer<MYSQL_STMT>) {
        self.init(Code(rawValue: mysql_stmt_errno(statement)), String(cString: mysql_stmt_error(statement)))
    }
}

extension MYSQL_TIME {
    fileprivate init(_ time: Timestamp) {
        let civil = CivilTime(time)
        self.init()
        year = UInt32(civil.year)
        month = UInt32(civil.month)
        day = UInt32(civil.day)
        hour = UInt32(civil.hour)
        minute = UInt32(civil.minute)
        second = UInt32(civil.second)
        second_part = UInt(civil.microsecond)
        time_type = MYSQL_TIMESTAMP_DATETIME
    }
}

extension Timestamp {
    fileprivate init(_ time: MYSQL_TIME) {
        self =
            CivilTime(
                year: Int(time.year), month: Int(time.month), day: Int(time.day), hour: Int(time.hour),
                minute: Int(time.minute), second: Int(time.second), microsecond: Int(time.second_part)
            ).timestamp
    }
}
