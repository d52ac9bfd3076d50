import MySQL
import Scheduler
import Testing

@Suite struct OverviewTests {
    static let now = Timestamp(microseconds: 1_800_000_030_000_000)

    static func count(
        _ minutesAgo: Int, _ outcome: StoredState, _ lateness: UInt32, _ attempts: Int, isLost: Bool = false
    ) -> LatenessCount {
        LatenessCount(
            minute: now.minute - .seconds(60 * minutesAgo), outcome: outcome, isLost: isLost,
            lateness: DurationBucket(bound: lateness), attempts: attempts)
    }

    static func overview(_ counts: [LatenessCount]) -> Overview {
        Overview(now: now, counts: counts, due: DueCounts(overdue: Estimate(3), minutes: []))
    }

    @Test func eachMinuteHasItsFigures() {
        let overview = Self.overview([
            Self.count(0, .succeeded, 1000, 5), Self.count(0, .dead, 2000, 1),
            Self.count(4, .retrying, 500, 7), Self.count(5, .succeeded, 100, 100), Self.count(60, .succeeded, 100, 9),
            Self.count(61, .succeeded, 100, 1000),
        ])
        #expect(overview.minutes.count == 61)
        #expect(overview.minutes.last?.start == Self.now.minute)
        #expect(overview.minutes.last?.attempts.succeeded == 5)
        #expect(overview.minutes.last?.attempts.dead == 1)
        #expect(overview.minutes.first?.attempts.succeeded == 9)
        #expect(overview.minutes[56].attempts.retried == 7)
        #expect(overview.minutes[56].attempts.lateness == Percentiles(p50: 500, p99: 500))
        #expect(overview.minutes[30].attempts == AttemptFigures())
        #expect(overview.recent.total == 13)
        // Four minutes and the half of one that has passed.
        let seconds = 240 + Double((Self.now - Self.now.minute).microseconds) / 1_000_000
        #expect(overview.callsPerSecond == 13 / seconds)
        #expect(overview.overdue == Estimate(3))
    }

    @Test(
        arguments: [
            ([(100, 1)], 100, 100), ([(100, 1), (200, 1)], 100, 200), ([(100, 99), (500, 1)], 100, 100),
            ([(100, 98), (500, 2)], 100, 500), ([(5000, 500), (100, 499), (4_294_967_295, 1)], 5000, 5000),
            ([(100, 1), (4_294_967_295, 1)], 100, 4_294_967_295),
        ] as [([(UInt32, Int)], Int, Int)])
    func percentilesAreUpperBounds(histogram: [(UInt32, Int)], p50: Int, p99: Int) {
        let figures = AttemptFigures(histogram.map { Self.count(0, .succeeded, $0.0, $0.1) })
        #expect(figures.lateness == Percentiles(p50: p50, p99: p99))
    }

    @Test func nobodyKnowsTheLatenessOfWhatIsLost() {
        let figures = AttemptFigures([Self.count(0, .retrying, 100, 8, isLost: true)])
        #expect(figures.retried == 8)
        #expect(figures.lateness == nil)
    }
}
