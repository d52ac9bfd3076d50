import MySQL
import Testing

@Suite struct TimestampTests {
    static let durations: [(Duration, Int64)] = [
        (.zero, 0), (.microseconds(1), 1), (.nanoseconds(1999), 1), (.nanoseconds(-1999), -1),
        (.milliseconds(-3), -3000),
        (.seconds(86_400), 86_400_000_000),
    ]

    @Test(arguments: durations) func wholeMicrosecondsTowardZero(duration: Duration, microseconds: Int64) {
        #expect(duration.microseconds == microseconds)
        let time = Timestamp(microseconds: 1_000_000)
        #expect(time + duration == Timestamp(microseconds: 1_000_000 + microseconds))
        #expect(time - duration == Timestamp(microseconds: 1_000_000 - microseconds))
    }

    @Test func differencesComeBack() {
        let (early, late) = (Timestamp(microseconds: -7), Timestamp(microseconds: 12))
        #expect(late - early == .microseconds(19))
        #expect(early + (late - early) == late)
        #expect(early < late)
        #expect(!(late < early))
    }
}
