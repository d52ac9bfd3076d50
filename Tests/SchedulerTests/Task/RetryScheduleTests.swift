import Scheduler
import Testing

@Suite struct RetryScheduleTests {
    struct Case: Sendable {
        let maxRetries: Int
        let delays: [Int]
        /// Seconds before the next attempt after failure 1, 2, …; nil: none is left.
        let expected: [Int?]
    }

    static let cases = [
        Case(maxRetries: 0, delays: [5], expected: [nil, nil]),
        Case(maxRetries: 1, delays: [5], expected: [5, nil]),
        Case(maxRetries: 3, delays: [5, 15, 30], expected: [5, 15, 30, nil, nil]),
        // The last one repeats.
        Case(maxRetries: 4, delays: [5, 15], expected: [5, 15, 15, 15, nil]),
        // More delays than retries.
        Case(maxRetries: 1, delays: [5, 15, 30], expected: [5, nil]),
        // With none a retry follows at once.
        Case(maxRetries: 2, delays: [], expected: [0, 0, nil]),
        Case(maxRetries: 6, delays: [5, 15, 30, 180, 3600, 7200], expected: [5, 15, 30, 180, 3600, 7200, nil]),
    ]

    @Test(arguments: cases) func delays(expected: Case) {
        let schedule = RetrySchedule(maxRetries: expected.maxRetries, delays: expected.delays.map { .seconds($0) })
        for (index, delay) in expected.expected.enumerated() {
            #expect(schedule.delay(afterFailures: index + 1) == delay.map { .seconds($0) })
        }
    }

    static let texts: [([Int64], String)] = [
        ([], ""), ([0], "0"), ([5000], "5"), ([5000, 15_000], "5,15"), ([50, 100, 1500], "0.05,0.1,1.5"),
        ([1], "0.001"), ([1001, 1010, 1100], "1.001,1.01,1.1"), ([31_536_000_000], "31536000"),
        ([31_535_999_999], "31535999.999"),
    ]

    @Test(arguments: texts) func textBothWays(milliseconds: [Int64], text: String) {
        let delays = milliseconds.map { Duration.milliseconds($0) }
        #expect(RetrySchedule(maxRetries: 1, delays: delays).delayText == text)
        #expect(RetrySchedule.delays(fromText: text) == delays)
    }

    @Test func everyMillisecondOfAMinuteComesBack() {
        for milliseconds in Int64(0)..<60_000 {
            let delay = Duration.milliseconds(milliseconds)
            #expect(RetrySchedule.delays(fromText: RetrySchedule.secondsText(delay)) == [delay])
        }
    }
}
