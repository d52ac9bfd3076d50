/// Statements sent together as text in one round trip: multi-row INSERTs and whole transactions.
///
/// Values are written as literals that the session's settings (`SessionSettings`) make safe: backslash escapes on,
/// character set utf8mb4. Text that is not a literal can only come from the program: `StaticString` and `TableName`.
package struct Script: Sendable {
    package internal(set) var bytes: [UInt8] = []
    /// Statements that are complete; `run` returns one result for each.
    package private(set) var count = 0

    package init(capacity: Int = 1024) {
        bytes.reserveCapacity(capacity)
    }

    package var isEmpty: Bool { bytes.isEmpty }

    // MARK: Statements

    /// Adds a whole statement.
    package mutating func statement(_ parts: Part...) {
        write(parts)
        end()
    }

    /// Adds the beginning of a statement, to be ended by `end()`.
    package mutating func begin(_ parts: Part...) {
        write(parts)
    }

    package mutating func end() {
        bytes.append(UInt8(ascii: ";"))
        count += 1
    }

    private mutating func write(_ parts: [Part]) {
        for part in parts {
            switch part.kind {
            case .text(let text): text.withUTF8Buffer { bytes.append(contentsOf: $0) }
            case .table(let name): bytes.append(contentsOf: name.text.utf8)
            case .value(let value): write(literal: value)
            }
        }
    }

    /// A comma-separated list of rows, `(…),(…)`; `write` gives the values of one.
    package mutating func rows<S: Sequence>(_ elements: S, _ write: (inout RowWriter, S.Element) -> Void) {
        var isFirst = true
        for element in elements {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            bytes.append(UInt8(ascii: "("))
            // The buffer moves into the writer and back, so that no row copies it.
            var writer = RowWriter(script: Script(capacity: 0))
            swap(&writer.script, &self)
            write(&writer, element)
            swap(&writer.script, &self)
            bytes.append(UInt8(ascii: ")"))
        }
    }

    /// A parenthesised list of values: `(1,2,3)`.
    package mutating func list<S: Sequence>(_ values: S) where S.Element: SQLConvertible {
        bytes.append(UInt8(ascii: "("))
        var isFirst = true
        for value in values {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            value.writeLiteral(to: &self)
        }
        bytes.append(UInt8(ascii: ")"))
    }

    /// Writes the values of one row, separated by commas.
    package struct RowWriter {
        fileprivate var script: Script
        private var isFirst = true

        fileprivate init(script: Script) {
            self.script = script
        }

        /// An expression of the program's own.
        package mutating func raw(_ expression: StaticString) {
            separate()
            script.text(expression)
        }

        package mutating func value(_ value: some SQLConvertible) {
            separate()
            value.writeLiteral(to: &script)
        }

        private mutating func separate() {
            if !isFirst { script.bytes.append(UInt8(ascii: ",")) }
            isFirst = false
        }
    }

    /// A piece of a statement: program text, a table or a value.
    package struct Part: ExpressibleByStringLiteral {
        fileprivate enum Kind {
            case text(StaticString)
            case table(TableName)
            case value(SQLValue)
        }
        fileprivate let kind: Kind

        package init(stringLiteral text: StaticString) { kind = .text(text) }
        private init(kind: Kind) { self.kind = kind }
        package static func table(_ name: TableName) -> Part { Part(kind: .table(name)) }
        package static func value(_ value: some SQLConvertible) -> Part { Part(kind: .value(value.sqlValue)) }
    }
}
