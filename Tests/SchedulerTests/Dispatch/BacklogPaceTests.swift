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

    @Test func whatIsOnTimeAndQuickNeedsNone() {
        let (pace, now) = pace(Array(repeating: 2, count: 50))
        #expect(pace.batch(500, now: now) == 500)
        #expect(pace.rest(after: .milliseconds(50), now: now) == .zero)
    }

    @Test func slowStartsSlowTheBacklogDownToALeast() {
        let (once, now) = pace([2, 10])
        #expect(once.batch(500, now: now) == 350)
        #expect(once.rest(after: .milliseconds(70), now: now) > .milliseconds(29))
        #expect(once.rest(after: .milliseconds(70), now: now) < .milliseconds(31))
        let (often, later) = pace(Array(repeating: 10, count: 50))
        #expect(often.part == 0.05)
        #expect(often.batch(500, now: later) == 25)
        #expect(often.batch(100, now: later) == 20)
        #expect(often.batch(10, now: later) == 10)
        #expect(often.rest(after: .milliseconds(30), now: later) < .milliseconds(71))
        #expect(often.rest(after: .seconds(60), now: later) == .milliseconds(300))
    }

    @Test func itRecoversWhenStartsAreQuickAgainOrThereAreNone() {
        let slow = Array(repeating: 20, count: 50)
        let (quick, now) = pace(slow + Array(repeating: 2, count: 80))
        #expect(quick.part == 1)
        #expect(quick.batch(500, now: now) == 500)
        let (gone, last) = pace(slow)
        #expect(gone.batch(500, now: last + .milliseconds(999)) == 25)
        #expect(gone.batch(500, now: last + .seconds(1)) == 500)
        #expect(gone.rest(after: .seconds(1), now: last + .seconds(1)) == .zero)
    }

    @Test func startsTogetherCountOnce() {
        var pace = BacklogPace()
        for _ in 0..<10 { pace.startedOnTime(in: .milliseconds(10), now: start) }
        #expect(pace.part == 0.7)
    }

    @Test func whatWouldMakeCallsLateSlowsItDownAtOnce() {
        #expect(pace([16]).pace.part == 0.05)
        var (pace, now) = pace([10])
        pace.startedOnTime(in: .milliseconds(16), now: now)
        #expect(pace.part == 0.05)
    }
}
