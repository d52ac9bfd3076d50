import Logging
import MySQL
import Testing

@testable import schedulerd

struct LogLineTests {
    private func line(_ message: String, _ fields: [(name: String, value: String)] = []) -> LogLine {
        LogLine(
            time: Timestamp(microseconds: 1_795_168_800_250_000), level: .warning, label: "schedulerd",
            message: message,
            fields: fields)
    }

    @Test func text() {
        let fields = [(name: "a", value: "1"), (name: "b", value: "with \"quotes\""), (name: "c", value: "")]
        #expect(
            line("hello", fields).text
                == "2026-11-20T10:00:00.25Z warning schedulerd: hello a=1 b=\"with \\\"quotes\\\"\" c=\"\"\n")
    }

    @Test func aMessageCannotForgeALine() {
        #expect(line("a\nb\u{1B}[2J", [(name: "x", value: "c\r\nd")]).text.filter { $0.isNewline }.count == 1)
        #expect(!line("a\u{1B}").text.unicodeScalars.contains("\u{1B}"))
    }

    @Test func json() {
        #expect(
            line("a\n\"b\"", [(name: "x", value: "1"), (name: "time", value: "never")]).json == """
                {"time":"2026-11-20T10:00:00.25Z","level":"warning","logger":"schedulerd","message":"a\\n\\"b\\"","x":"1"}

                """)
    }
}
