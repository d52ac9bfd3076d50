import MySQL
import Testing

@testable import Scheduler

@Suite struct DeadLetterFilterTests {
    @Test func aFilterIsReadAsItWasWritten() throws {
        var filter = DeadLetterFilter()
        #expect(DeadLetterFilter(storedText: filter.storedText) == filter)
        filter.queue = "mail"
        filter.host = "a.example:8080"
        filter.reason = "\"status\" 5\u{1F600}\\'"
        filter.from = Timestamp(microseconds: 1_800_000_000_000_001)
        filter.to = Timestamp(microseconds: 1_900_000_000_000_000)
        #expect(DeadLetterFilter(storedText: filter.storedText) == filter)
    }

    @Test(arguments: ["", "[]", #"{"queue": 1}"#, #"{"from": "yesterday"}"#])
    func whatIsNoFilterIsNotTakenForOne(text: String) {
        #expect(DeadLetterFilter(storedText: text) == nil)
    }

    @Test(arguments: [
        ("host", "http://a.example/"), ("host", ""), ("host", "a b"), ("reason", ""),
        ("reason", String(repeating: "x", count: 501)), ("queue", String(repeating: "q", count: 101)),
    ]) func badFieldsAreNamed(field: String, value: String) {
        var filter = DeadLetterFilter()
        switch field {
        case "host": filter.host = value
        case "reason": filter.reason = value
        default: filter.queue = value
        }
        let error = #expect(throws: ValidationError.self) { try filter.check() }
        #expect(error?.problems.map(\.field) == [field])
    }

    @Test func aCursorIsReadAsItWasWritten() throws {
        let cursor = DeadLetterCursor(
            diedAt: Timestamp(microseconds: 1_800_000_000_000_001), id: TaskID(high: 1, low: 2))
        #expect(DeadLetterCursor(cursor.description) == cursor)
        for text in ["", "_", "1_2", "x_\(cursor.id)", "\(cursor)_1", "\(Int64.max)_\(cursor.id)"] {
            #expect(DeadLetterCursor(text) == nil)
        }
    }
}
