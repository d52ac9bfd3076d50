/// A value on its way into a statement or out of a row.
package enum SQLValue: Sendable, Equatable {
    case null
    case integer(Int64)
    case unsigned(UInt64)
    case double(Double)
    case text(String)
    case bytes([UInt8])
    case time(Timestamp)
}

/// What can stand in a statement: bound as a parameter, or written as a literal.
package protocol SQLConvertible {
    var sqlValue: SQLValue { get }
    func writeLiteral(to script: inout Script)
}

extension SQLConvertible {
    package func writeLiteral(to script: inout Script) {
        script.write(literal: sqlValue)
    }
}

extension SQLValue: SQLConvertible {
    package var sqlValue: SQLValue { self }
}

extension FixedWidthInteger where Self: SQLConvertible {
    package var sqlValue: SQLValue { Int64(exactly: self).map(SQLValue.integer) ?? .unsigned(UInt64(self)) }

    package func writeLiteral(to script: inout Script) {
        script.write(integer: self)
    }
}

extension Int: SQLConvertible {}
extension Int64: SQLConvertible {}
extension UInt8: SQLConvertible {}
extension UInt16: SQLConvertible {}
extension UInt32: SQLConvertible {}
extension UInt64: SQLConvertible {}

extension String: SQLConvertible {
    package var sqlValue: SQLValue { .text(self) }

    package func writeLiteral(to script: inout Script) {
        script.write(text: self)
    }
}

/// NaN and the infinities, which SQL does not have, are NULL.
extension Double: SQLConvertible {
    package var sqlValue: SQLValue { isFinite ? .double(self) : .null }
}

extension Timestamp: SQLConvertible {
    package var sqlValue: SQLValue { .time(self) }

    package func writeLiteral(to script: inout Script) {
        script.write(time: self)
    }
}

extension [UInt8]: SQLConvertible {
    package var sqlValue: SQLValue { .bytes(self) }

    package func writeLiteral(to script: inout Script) {
        script.write(binary: self)
    }
}

extension Optional: SQLConvertible where Wrapped: SQLConvertible {
    package var sqlValue: SQLValue { self?.sqlValue ?? .null }

    package func writeLiteral(to script: inout Script) {
        if let self { self.writeLiteral(to: &script) } else { script.write(literal: .null) }
    }
}
