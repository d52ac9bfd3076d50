import MySQL
import Testing

/// Columns are taken as the type that the program expects, or refused.
@Suite struct RowTests {
    let row = Row(values: [
        .integer(-5), .unsigned(5), .unsigned(.max), .text("42"), .text("4.2"), .bytes([0x61, 0x62]), .null,
        .time(Timestamp(microseconds: 9)),
    ])

    @Test func integersComeFromEveryNumberThatFits() throws {
        #expect(try row.integer(0) == -5)
        #expect(try row.integer(1) == 5)
        #expect(try row.integer(3) == 42)
    }

    @Test(arguments: [2, 4, 5, 6, 7]) func otherThingsAreNoIntegers(column: Int) {
        let error = #expect(throws: MySQLError.self) { _ = try row.integer(column) }
        #expect(error?.code == .unexpectedRow)
    }

    @Test func textAndBytesStandForEachOther() throws {
        #expect(try row.text(5) == "ab")
        #expect(try row.bytes(3) == Array("42".utf8))
        #expect(throws: MySQLError.self) { _ = try row.text(0) }
        #expect(throws: MySQLError.self) { _ = try row.bytes(6) }
    }

    @Test func timesAreTimes() throws {
        #expect(try row.time(7) == Timestamp(microseconds: 9))
        #expect(throws: MySQLError.self) { _ = try row.time(3) }
    }

    @Test func onlyTheOptionalMayBeMissing() throws {
        #expect(try row.optional(6, Row.integer) == nil)
        #expect(try row.optional(0, Row.integer) == -5)
        #expect(row.isNull(6))
        #expect(!row.isNull(0))
        #expect(throws: MySQLError.self) { _ = try row.integer(6) }
        #expect(throws: MySQLError.self) { _ = try row.optional(4, Row.integer) }
    }
}
