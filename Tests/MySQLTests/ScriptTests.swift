import MySQL
import Testing

/// What goes over the wire for each kind of value and statement.
@Suite struct ScriptTests {
    static func text(_ script: Script) -> String { String(decoding: script.bytes, as: UTF8.self) }

    static func literal(_ value: some SQLConvertible) -> String {
        var script = Script()
        value.writeLiteral(to: &script)
        return text(script)
    }

    static let texts: [(String, String)] = [
        ("", "''"),
        ("plain", "'plain'"),
        ("it's", #"'it\'s'"#),
        ("''", #"'\'\''"#),
        (#"say "x""#, #"'say \"x\"'"#),
        (#"a\b"#, #"'a\\b'"#),
        (#"\'; DROP TABLE tasks; --"#, #"'\\\'; DROP TABLE tasks; --'"#),
        ("a\0b", #"'a\0b'"#),
        ("a\nb\r\nc", #"'a\nb\r\nc'"#),
        ("\u{1A}", #"'\Z'"#),
        ("\t\u{7F}", "'\t\u{7F}'"),
        ("😀 ж 中", "'😀 ж 中'"),
        ("%_", "'%_'"),
    ]

    @Test(arguments: texts) func textIsQuotedAndEscaped(text: String, literal: String) {
        #expect(Self.literal(text) == literal)
        #expect(Self.literal(SQLValue.text(text)) == literal)
        #expect(Self.literal(String?.some(text)) == literal)
    }

    @Test(arguments: texts) func bytesAreMarkedBinary(text: String, literal: String) {
        #expect(Self.literal(Array(text.utf8)) == "_binary" + literal)
    }

    @Test func everyByteComesThroughUnescaped() {
        var script = Script()
        [UInt8](0...255).writeLiteral(to: &script)
        let content = script.bytes.dropFirst("_binary'".utf8.count).dropLast()
        var decoded: [UInt8] = []
        var isEscaped = false
        for byte in content {
            if !isEscaped, byte == UInt8(ascii: "\\") {
                isEscaped = true
                continue
            }
            #expect(isEscaped || byte != UInt8(ascii: "'"))
            let names: [UInt8: UInt8] = [48: 0, 110: 10, 114: 13, 90: 26]
            decoded.append(isEscaped ? names[byte] ?? byte : byte)
            isEscaped = false
        }
        #expect(decoded == [UInt8](0...255))
    }

    static let integers: [(any SQLConvertible & Sendable, String)] = [
        (0, "0"), (9, "9"), (10, "10"), (-1, "-1"), (-9, "-9"), (Int64.min, "-9223372036854775808"),
        (Int64.max, "9223372036854775807"), (UInt64.max, "18446744073709551615"), (UInt8.max, "255"),
        (UInt16(5), "5"), (UInt32.max, "4294967295"), (SQLValue.integer(-42), "-42"), (SQLValue.unsigned(42), "42"),
        (SQLValue.null, "NULL"), (Int?.none, "NULL"), (Int?.some(7), "7"), (SQLValue.double(1.5), "1.5"),
        (SQLValue.double(-1e300), "-1e+300"),
    ]

    @Test(arguments: integers) func numbers(value: any SQLConvertible & Sendable, literal: String) {
        #expect(Self.literal(value) == literal)
    }

    static let times: [(Int64, String)] = [
        (0, "'1970-01-01 00:00:00.000000'"),
        (-1, "'1969-12-31 23:59:59.999999'"),
        (1_795_255_200_250_000, "'2026-11-21 10:00:00.250000'"),
        (Timestamp.range.lowerBound.microseconds, "'1000-01-01 00:00:00.000000'"),
        (Timestamp.range.upperBound.microseconds, "'9999-12-31 23:59:59.999999'"),
    ]

    @Test(arguments: times) func timesHaveSixDigits(microseconds: Int64, literal: String) {
        #expect(Self.literal(Timestamp(microseconds: microseconds)) == literal)
    }

    @Test func identifiersAreHexadecimal() {
        var script = Script()
        script.write(hex: 0x0192_ABCD_EF01_7000, 0x8000_0000_0000_00FF)
        #expect(Self.text(script) == "X'0192abcdef01700080000000000000ff'")
    }

    @Test func statementsAreCountedAndSeparated() {
        var script = Script()
        #expect(script.isEmpty)
        let table = TableName(prefix: "hs_", "tasks")
        script.statement("START TRANSACTION")
        script.statement("DELETE FROM ", .table(table), " WHERE id = ", .value(7), " AND name = ", .value("a'b"))
        script.begin("INSERT INTO ", .table(table), " (id, name, at) VALUES ")
        script.rows([1, 2]) { row, number in
            row.value(number)
            row.value(number == 1 ? "x" : nil)
            row.raw("NOW(6)")
        }
        script.end()
        script.begin("SELECT 1 WHERE 2 IN ")
        script.list([2, 3])
        script.end()
        #expect(script.count == 4)
        #expect(!script.isEmpty)
        let expected = [
            "START TRANSACTION;", #"DELETE FROM hs_tasks WHERE id = 7 AND name = 'a\'b';"#,
            "INSERT INTO hs_tasks (id, name, at) VALUES (1,'x',NOW(6)),(2,NULL,NOW(6));", "SELECT 1 WHERE 2 IN (2,3);",
        ]
        #expect(Self.text(script) == expected.joined())
    }
}
