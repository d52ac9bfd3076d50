import MySQL
import Testing

/// Interpolated values become parameters, never text.
@Suite struct QueryTests {
    @Test func valuesBecomeParameters() {
        let hostile = "'; DROP TABLE tasks; --"
        let query: Query = "SELECT \(1) WHERE a = \(hostile) AND b = \([UInt8]([0, 255])) AND c = \(UInt64.max)"
        #expect(query.text == "SELECT ? WHERE a = ? AND b = ? AND c = ?")
        #expect(query.parameters == [.integer(1), .text(hostile), .bytes([0, 255]), .unsigned(.max)])
    }

    @Test func tablesBecomeText() {
        let query: Query = "SELECT * FROM \(TableName(prefix: "hs_", "tasks")) WHERE id = \(5)"
        #expect(query.text == "SELECT * FROM hs_tasks WHERE id = ?")
        #expect(query.parameters == [.integer(5)])
    }

    @Test(arguments: [(String?.none, SQLValue.null), ("x", .text("x"))])
    func whatIsMissingIsNull(value: String?, parameter: SQLValue) {
        let query: Query = "SET x = \(optional: value)"
        #expect(query.text == "SET x = ?")
        #expect(query.parameters == [parameter])
    }

    @Test func listsHaveAParameterForEach() {
        let query: Query = "SELECT 1 WHERE a IN \(list: [1, 2, 3]) AND b IN \(list: ["x"])"
        #expect(query.text == "SELECT 1 WHERE a IN (?, ?, ?) AND b IN (?)")
        #expect(query.parameters == [.integer(1), .integer(2), .integer(3), .text("x")])
    }

    @Test func sumsKeepTheOrder() {
        let range: Query = "a = \(1)"
        let query = "SELECT 1 WHERE " + range + " AND b = \(Timestamp(microseconds: 5))"
        #expect(query.text == "SELECT 1 WHERE a = ? AND b = ?")
        #expect(query.parameters == [.integer(1), .time(Timestamp(microseconds: 5))])
    }

    @Test func literalQuestionMarksStay() {
        let query: Query = "SELECT '?', \(1)"
        #expect(query.text == "SELECT '?', ?")
        #expect(query.parameters.count == 1)
    }
}
