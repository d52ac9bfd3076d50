import MySQL
import Testing

@testable import Scheduler

struct RunPlanTests {
    private static let start = Timestamp(microseconds: 1_795_168_800_000_000)

    private static func at(_ seconds: Int) -> Timestamp { start + .seconds(seconds) }

    private static func schedule(
        every seconds: Int = 10, _ missed: MissedRuns = .runOnce, limit: Int = 3, _ overlap: Overlap = .allow,
        endsAt: Timestamp? = nil, jitter: Duration = .zero
    ) -> NewSchedule {
        NewSchedule(
            name: "s", rule: .every(.seconds(seconds), from: start), startsAt: nil, endsAt: endsAt, missed: missed,
            missedLimit: limit, overlap: overlap, jitter: jitter,
            task: NewTask(
                queue: "default", planTime: start, request: CallbackRequest(method: "POST", url: "http://a.test/"),
                successRule: .status2xx, retrySchedule: RetrySchedule(maxRetries: 0, delays: []), timeout: .seconds(1)))
    }

    private struct Case: Sendable, CustomStringConvertible {
        let description: String
        let schedule: NewSchedule
        var next = 0
        let now: Int
        var horizon: Int?
        var lastIsLive = false
        /// Seconds; missed ones are negative.
        let runs: [Int]
        var skipped = 0
        let expected: Int?
    }

    private static let cases: [Case] = [
        Case(description: "one in time", schedule: schedule(), now: 0, runs: [0], expected: 10),
        Case(description: "nothing yet", schedule: schedule(), next: 10, now: 0, runs: [], expected: 10),
        Case(
            description: "up to the horizon", schedule: schedule(), now: 0, horizon: 20, runs: [0, 10, 20], expected: 30
        ),
        Case(description: "a little late", schedule: schedule(), now: 9, runs: [0], expected: 10),
        Case(description: "within the grace", schedule: schedule(.skip), now: 10, runs: [0, 10], expected: 20),
        Case(
            description: "missed and left out", schedule: schedule(.skip), now: 100, runs: [90, 100], skipped: 1,
            expected: 110),
        Case(
            description: "missed, one for all", schedule: schedule(.runOnce), now: 100, runs: [-1, 90, 100], skipped: 1,
            expected: 110),
        Case(
            description: "missed, the oldest three", schedule: schedule(.runAll), now: 100,
            runs: [-1, -10, -20, 90, 100], skipped: 1, expected: 110),
        Case(
            description: "missed, all", schedule: schedule(.runAll, limit: 100), now: 30, runs: [-1, -10, 20, 30],
            expected: 40),
        Case(
            description: "years of seconds", schedule: schedule(every: 1, .skip), now: 100_000_000,
            runs: Array(99_999_990...100_000_000), skipped: 1, expected: 100_000_001),
        Case(
            description: "the last goes on", schedule: schedule(.runOnce, limit: 3, .skip), now: 0, lastIsLive: true,
            runs: [], skipped: 1, expected: 10),
        Case(
            description: "the last has ended", schedule: schedule(.runOnce, limit: 3, .skip), now: 0, runs: [0],
            expected: 10),
        Case(
            description: "one at a time", schedule: schedule(.runAll, limit: 9, .skip), now: 30, runs: [-1], skipped: 3,
            expected: 40),
        Case(
            description: "the end", schedule: schedule(endsAt: at(10)), now: 0, horizon: 60, runs: [0, 10],
            expected: nil),
        Case(
            description: "at its end when found", schedule: schedule(.skip, endsAt: at(10)), now: 1000, runs: [],
            skipped: 1, expected: nil),
    ]

    @Test(arguments: cases.indices) func whichRunsAreMade(_ index: Int) {
        let test = Self.cases[index]
        let plan = RunPlan(
            test.schedule, next: Self.at(test.next), now: Self.at(test.now), horizon: Self.at(test.horizon ?? test.now),
            lastIsLive: test.lastIsLive)
        let runs = plan.runs.map { run in
            let seconds = Int((run.time - Self.start).microseconds / 1_000_000)
            return run.isMissed ? (seconds == 0 ? -1 : -seconds) : seconds
        }
        #expect(runs == test.runs, "\(test)")
        #expect(plan.skipped == test.skipped, "\(test)")
        #expect(plan.next == test.expected.map(Self.at), "\(test)")
    }

    @Test func noPassMakesMoreThanAHundred() {
        let plan = RunPlan(
            Self.schedule(every: 1), next: Self.start, now: Self.start, horizon: Self.at(1000), lastIsLive: false)
        #expect(plan.runs.count == 100)
        #expect(plan.next == Self.at(100))
    }

    @Test func jitterIsTheSameForTheSameRunAndSpreadOverOthers() {
        let schedule = Self.schedule(jitter: .seconds(4))
        let delays = (0..<200).map { (schedule.task(for: Self.at($0)).planTime - Self.at($0)).microseconds }
        #expect(delays == (0..<200).map { (schedule.task(for: Self.at($0)).planTime - Self.at($0)).microseconds })
        #expect(delays.allSatisfy { (0...4_000_000).contains($0) })
        for quarter in 0..<4 { #expect(delays.count { $0 / 1_000_001 == quarter } > 25) }
        #expect(schedule.task(for: Self.start).labels == ["schedule": "s", "schedule_run": Self.start.rfc3339])
    }

    @Test(
        arguments: [
            (ScheduleRule.every(.seconds(10), from: start), -1, 0), (.every(.seconds(10), from: start), 0, 10),
            (.every(.milliseconds(1500), from: start), 1, 1), (.times([at(3), at(5)]), 3, 5),
            (.times([at(3), at(5)]), 5, nil),
        ] as [(ScheduleRule, Int, Int?)])
    func fixedRatesAndSeries(_ rule: ScheduleRule, _ after: Int, _ next: Int?) {
        let found = rule.next(after: Self.at(after)).map { Int(($0 - Self.start).microseconds / 1_000_000) }
        #expect(found == next)
    }
}
