import Testing

@testable import Scheduler

@Suite struct StatusRangeTests {
    @Test(arguments: [
        ("404", 404...404, "404"), ("2xx", 200...299, "2xx"), ("300-304", 300...304, "300-304"),
        ("200-299", 200...299, "2xx"), ("404-404", 404...404, "404"), ("100-599", 100...599, "100-599"),
        ("5xx", 500...599, "5xx"),
    ])
    func notation(_ text: String, _ statuses: ClosedRange<Int>, _ shortest: String) throws {
        let range = try #require(StatusRange(text))
        #expect(range.statuses == statuses)
        #expect(range.text == shortest)
        #expect(StatusRange(range.text) == range)
    }

    @Test(arguments: [
        "", "2", "20", "2000", "99", "099", "600", "6xx", "0xx", "2XX", "2x0", "x00", "xxx", "2xx-3xx", "304-300",
        "100-600", "300-", "-300", "300-3040", "300 - 304", " 404", "404 ", "+404", "-404", "4.4", "4e2", "٤٠٤",
    ])
    func others(_ text: String) {
        #expect(StatusRange(text) == nil)
    }
}
