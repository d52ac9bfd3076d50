import MySQL
import Scheduler
import Testing

/// Today is 20 November 2026, noon.
@Suite struct RetentionPlanTests {
    static let now = Timestamp(rfc3339: "2026-11-20T12:00:00Z")!

    static func time(_ text: String) throws -> Timestamp { try #require(Timestamp(rfc3339: text)) }

    /// The day of a date, as the partition keeper makes it.
    static func day(_ date: String) throws -> HistoryDay {
        let begin = try time(date + "T00:00:00Z")
        let partition = DayPartition(day: begin)
        return HistoryDay(name: partition.name, from: .lowerBound(begin), to: partition.bound)
    }

    // MARK: Which are looked at

    static let dates: [(date: String, days: Int, isDue: Bool)] = [
        ("2026-11-20", 1, false), ("2026-11-19", 1, false), ("2026-11-18", 1, true), ("2026-10-21", 30, false),
        ("2026-10-20", 30, true), ("2026-10-19", 30, true), ("2026-01-01", 30, true), ("2026-01-01", 365, false),
        ("2026-11-27", 1, false),
    ]

    @Test(arguments: dates) func aDayIsDueWhenAllOfItIsOld(expected: (date: String, days: Int, isDue: Bool)) throws {
        let day = try Self.day(expected.date)
        let due = RetentionPlan(now: Self.now, days: expected.days).due([day], [])
        #expect(due == (expected.isDue ? [day] : []))
    }

    @Test func whatWasLookedAtIsLeftAloneForAWhile() throws {
        let days = try [Self.day("2026-10-01"), Self.day("2026-10-02"), Self.day("2026-10-03")]
        let notes = try [("p20261001", "2026-11-20T12:00:01Z"), ("p20261002", "2026-11-20T12:00:00Z")].map {
            HistoryNote(
                day: $0.0, hasOpen: true, newestFinish: nil, thinned: 0, lookedAt: Self.now,
                lookAgainAt: try Self.time($0.1))
        }
        #expect(RetentionPlan(now: Self.now, days: 30).due(days, notes) == Array(days[1...]))
    }

    /// Ids without a partition of their own are in the last one. It is looked at when it holds what is long over.
    @Test func theLastPartitionIsLookedAtWhenItBeginsLongAgo() throws {
        let plan = RetentionPlan(now: Self.now, days: 30)
        let old = HistoryDay(name: "later", from: .lowerBound(try Self.time("2026-10-13T00:00:00Z")), to: nil)
        let new = HistoryDay(name: "later", from: .lowerBound(try Self.time("2026-10-14T12:00:00Z")), to: nil)
        #expect(plan.due([old], []) == [old])
        #expect(plan.due([new], []) == [])
    }

    // MARK: What becomes of them

    struct Case: Sendable {
        let date: String
        let days: Int
        let hasOpen: Bool
        let newestFinish: String?
        let ended: Int
        let verdict: RetentionPlan.Verdict

        init(
            _ date: String, days: Int = 30, open hasOpen: Bool = false, newest: String? = nil, ended: Int = 0,
            _ verdict: RetentionPlan.Verdict
        ) {
            (self.date, self.days, self.hasOpen, newestFinish, self.ended) = (date, days, hasOpen, newest, ended)
            self.verdict = verdict
        }
    }

    private static let tomorrow = now + .seconds(86_400)

    static let cases = [
        Case("2026-10-20", .remove),
        Case("2026-10-20", newest: "2026-10-21T11:59:59Z", ended: 9, .remove),
        // To the microsecond: what ended 30 days ago is 30 days old.
        Case("2026-10-20", newest: "2026-10-21T12:00:00Z", ended: 9, .wait(until: now)),
        Case("2026-10-20", newest: "2026-10-21T18:00:00Z", .wait(until: now + .seconds(21_600))),
        Case("2026-10-20", newest: "2026-11-20T11:00:00Z", ended: 9, .wait(until: tomorrow)),
        Case("2026-10-20", open: true, newest: "2026-10-20T10:00:00Z", ended: 9, .wait(until: tomorrow)),
        // A week later nobody waits for the few any more.
        Case("2026-10-13", open: true, newest: "2026-10-20T10:00:00Z", ended: 9, .thin),
        Case("2026-10-14", open: true, newest: "2026-10-20T10:00:00Z", ended: 9, .wait(until: tomorrow)),
        Case("2026-10-13", newest: "2026-11-20T10:00:00Z", ended: 9, .thin),
        Case("2026-10-13", open: true, .wait(until: tomorrow)),
        Case("2026-11-17", days: 1, open: true, ended: 1, .thin),
        Case("2026-11-18", days: 1, open: true, ended: 1, .wait(until: tomorrow)),
    ]

    @Test(arguments: cases) func whatIsInADayDecides(expected: Case) throws {
        let survey = HistorySurvey(
            tasks: 10, hasOpen: expected.hasOpen, newestFinish: try expected.newestFinish.map(Self.time),
            ended: expected.ended)
        let plan = RetentionPlan(now: Self.now, days: expected.days)
        #expect(plan.verdict(try Self.day(expected.date), survey) == expected.verdict)
    }

    @Test func theLastPartitionIsNeverRemoved() throws {
        let later = HistoryDay(name: "later", from: .min, to: nil)
        let plan = RetentionPlan(now: Self.now, days: 30)
        #expect(plan.verdict(later, HistorySurvey()) == .wait(until: Self.tomorrow))
        let old = try Self.time("2026-10-01T00:00:00Z")
        #expect(plan.verdict(later, HistorySurvey(tasks: 5, newestFinish: old, ended: 5)) == .thin)
    }

    @Test func aSurveyAddsUp() throws {
        let (early, late) = (try Self.time("2026-10-01T00:00:00Z"), try Self.time("2026-10-02T00:00:00Z"))
        var sum = HistorySurvey()
        sum.add(HistorySurvey(tasks: 2, newestFinish: late, ended: 1))
        sum.add(HistorySurvey(tasks: 3, hasOpen: true, newestFinish: early))
        sum.add(HistorySurvey(tasks: 1, ended: 1))
        #expect(sum == HistorySurvey(tasks: 6, hasOpen: true, newestFinish: late, ended: 2))
    }
}
