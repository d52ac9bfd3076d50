import Scheduler
import Testing

@Suite struct TraceContextTests {
    private static let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test(arguments: [
        (text, text),
        // Flags that the standard does not know are not handed on.
        (
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03"
        ),
        // Later versions are read as far as this one goes.
        ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", text),
        ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-will-be-like", text),
    ])
    func aGoodOneIsRead(given: String, read: String) {
        #expect(TraceContext(given)?.text == read)
    }

    @Test(arguments: [
        "", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
        "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ])
    func aMalformedOneIsNone(text: String) {
        #expect(TraceContext(text) == nil)
    }

    @Test func eachAttemptHasAnIDOfItsOwn() throws {
        let trace = try #require(TraceContext(Self.text))
        let ids = (0..<50).map { TaskID(milliseconds: 1_000, random: (0, $0 << 2)) }
        let calls = ids.flatMap { id in (1...20).map { trace.attempt($0, of: id) } }
        #expect(Set(calls.map(\.parentID)).count == 1000)
        #expect(calls.allSatisfy { $0.traceID == trace.traceID && $0.flags == 1 && $0.parentID != trace.parentID })
        #expect(calls.allSatisfy { TraceContext($0.text) == $0 })
        #expect(trace.attempt(3, of: ids[7]) == trace.attempt(3, of: ids[7]))
    }
}
