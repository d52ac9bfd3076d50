import MySQL
import Testing

@testable import schedulerd

@Suite struct ExportProgressTests {
    private static let from = Timestamp(microseconds: 1_000_000_000)
    private let progress = ExportProgress(from: from, to: from + .seconds(100))

    @Test func theBarShowsHowMuchOfTheTimeIsWritten() {
        #expect(progress.line(Self.from, 0) == "[\(String(repeating: " ", count: 30))] 0 % 0 rows")
        #expect(
            progress.line(Self.from + .seconds(50), 7)
                == "[\(String(repeating: "#", count: 15) + String(repeating: " ", count: 15))] 50 % 7 rows")
        #expect(progress.line(Self.from + .seconds(100), 9) == "[\(String(repeating: "#", count: 30))] 100 % 9 rows")
    }

    @Test func aTaskOfAnotherTimeDoesNotBreakIt() {
        #expect(progress.line(Self.from + .seconds(-5), 1).contains("] 0 %"))
        #expect(progress.line(Self.from + .seconds(500), 1).contains("] 100 %"))
        #expect(ExportProgress(from: Self.from, to: Self.from).line(Self.from, 0).contains("] 0 %"))
    }
}
