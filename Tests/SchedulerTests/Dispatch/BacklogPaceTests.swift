import Scheduler
import Testing

@Suite struct BacklogPaceTests {
    let start = ContinuousClock.now

    /// Starts of tasks that are on time, ten a second, which took so many milliseconds each.
    private func pace(_ milliseconds: [Int]) -> (pace: BacklogPace, now: ContinuousClock.Instant) {
        var (pace, now) = (BacklogPace(), start)
        for took in milliseconds {
            now += .milliseconds(100)
            pace.startedOnTime(in: .milliseconds(took), now: now)
        }
        return (pace, now)
    }

    @Test func withoutTasksOnTimeThereIsNoRestraint() {
        let pace = BacklogPace()
        #expect(pace.batch(500, now: start) == 500)
        #expect(pace.rest(after: .seconds(1), now: start) == .zero)
    }

    @Test func whatIsOnTimeHasAtLeastHalf() {
        let (first, begun) = pace([2])
        #expect(abs(first.part - 0.21) < 0.001)
        #expect(first.batch(500, now: begun) == 105)
        let (pace, now) = pace(Array(repeating: 2, count: 50))
        #expect(pace.part == 0.5)
        #expect(pace.batch(500, now: now) == 250)
        #expect(pace.rest(after: .milliseconds(50), now: now) == .milliseconds(50))
    }

    @Test func slowStartsSlowTheBacklogDownToALeast() {
        let (once, now) = pace([10])
        #expect(abs(once.part - 0.14) < 0.001)
        #expect((69...70).contains(once.batch(500, now: now)))
        let (often, later) = pace(Array(repeating: 10, count: 50))
        #expect(often.part == 0.05)
        #expect(often.batch(500, now: later) == 25)
        #expect(often.batch(100, now: later) == 20)
        #expect(often.batch(10, now: later) == 10)
        #expect(often.rest(after: .milliseconds(30), now: later) > .milliseconds(69))
        #expect(often.rest(after: .milliseconds(30), now: later) < .milliseconds(71))
        #expect(often.rest(after: .seconds(60), now: later) == .milliseconds(300))
    }

    @Test func itRecoversWhenStartsAreQuickAgainOrThereAreNone() {
        let slow = Array(repeating: 20, count: 50)
        let (quick, _) = pace(slow + Array(repeating: 2, count: 80))
        #expect(quick.part == 0.5)
        let (gone, last) = pace(slow)
        #expect(gone.batch(500, now: last + .milliseconds(999)) == 25)
        #expect(gone.batch(500, now: last + .seconds(1)) == 500)
        #expect(gone.rest(after: .seconds(1), now: last + .seconds(1)) == .zero)
    }

    @Test func itBeginsBeforeWhatIsOnTimeIsDue() {
        var pace = BacklogPace()
        pace.expects(start + .seconds(10), now: start)
        #expect(pace.batch(500, now: start + .milliseconds(9500)) == 500)
        #expect(pace.batch(500, now: start + .milliseconds(9501)) == 100)
        // What was learned before a time without such tasks says nothing about now.
        for _ in 0..<20 {
            pace.startedOnTime(in: .milliseconds(20), now: start + .seconds(10))
        }
        #expect(pace.batch(500, now: start + .seconds(10)) == 25)
        pace.expects(nil, now: start + .seconds(10))
        #expect(pace.batch(500, now: start + .seconds(12)) == 500)
        pace.expects(start + .seconds(13), now: start + .seconds(12))
        #expect(pace.batch(500, now: start + .seconds(13)) == 100)
    }

    @Test func startsTogetherCountOnce() {
        var pace = BacklogPace()
        for _ in 0..<10 { pace.startedOnTime(in: .milliseconds(10), now: start) }
        #expect(abs(pace.part - 0.14) < 0.001)
    }

    @Test func whatWouldMakeCallsLateSlowsItDownAtOnce() {
        #expect(pace([16]).pace.part == 0.05)
        var (pace, now) = pace([10])
        pace.startedOnTime(in: .milliseconds(16), now: now)
        #expect(pace.part == 0.05)
    }
}
