/// Statements sent together as text in one round trip: multi-row INSERTs and whole transactions.
///
/// Values are written as literals that the session's settings (`SessionSettings`) make safe: backslash escapes on,
/// character set utf8mb4. Text that is not a literal can only come from the program: `StaticString` and `TableName`.
package struct Script: Sendable {
    package private(set) var bytes: [UInt8] = []
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

// MARK: - Literals

extension Script {
    package mutating func write(literal value: SQLValue) {
        switch value {
        case .null: text("NULL")
        case .integer(let number): write(integer: number)
        case .unsigned(let number): write(integer: number)
        case .double(let number): bytes.append(contentsOf: "\(number)".utf8)
        case .text(let string): write(quoted: string.utf8)
        case .bytes(let content):
            text("_binary")
            write(quoted: content)
        case .time(let time): write(time: time)
        }
    }

    package mutating func write(integer: some FixedWidthInteger) {
        if integer >= 0 && integer < 10 {
            bytes.append(UInt8(ascii: "0") + UInt8(integer))
        } else {
            bytes.append(contentsOf: String(integer).utf8)
        }
    }

    /// `X'…'`: the shortest safe form for identifiers, 16 bytes at a time.
    package mutating func write(hex high: UInt64, _ low: UInt64) {
        text("X'")
        for word in [high, low] {
            for shift in stride(from: 60, through: 0, by: -4) {
                let digit = UInt8(truncatingIfNeeded: word >> UInt64(shift)) & 15
                bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
            }
        }
        bytes.append(UInt8(ascii: "'"))
    }

    private mutating func write(quoted content: some Sequence<UInt8>) {
        bytes.append(UInt8(ascii: "'"))
        for byte in content {
            switch byte {
            case 0: text("\\0")
            case 0x0A: text("\\n")
            case 0x0D: text("\\r")
            case 0x1A: text("\\Z")
            case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "'"))
    }

    private mutating func write(time: Timestamp) {
        let civil = CivilTime(time)
        bytes.append(UInt8(ascii: "'"))
        digits(civil.year, 4)
        bytes.append(UInt8(ascii: "-"))
        digits(civil.month, 2)
        bytes.append(UInt8(ascii: "-"))
        digits(civil.day, 2)
        bytes.append(UInt8(ascii: " "))
        digits(civil.hour, 2)
        bytes.append(UInt8(ascii: ":"))
        digits(civil.minute, 2)
        bytes.append(UInt8(ascii: ":"))
        digits(civil.second, 2)
        bytes.append(UInt8(ascii: "."))
        digits(civil.microsecond, 6)
        bytes.append(UInt8(ascii: "'"))
    }

    private mutating func digits(_ number: Int, _ width: Int) {
        var divisor = 1
        for _ in 1..<width { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }

    fileprivate mutating func text(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }
}
