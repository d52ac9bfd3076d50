import MySQL
import Scheduler
import Testing

@testable import schedulerd

/// Today is 20 November 2026, noon, and history is kept for 30 days.
@Suite struct HistoryCheckupTests {
    private static let now = Timestamp(rfc3339: "2026-11-20T12:00:00Z")!

    private static func day(_ daysAgo: Int) -> HistoryDay {
        let day = DayPartition(day: now - .seconds(43_200 + 86_400 * daysAgo))
        return HistoryDay(name: day.name, from: .lowerBound(now - .seconds(43_200 + 86_400 * daysAgo)), to: day.bound)
    }

    private static func note(_ daysAgo: Int, lookedAt hours: Int, hasOpen: Bool) -> HistoryNote {
        HistoryNote(
            day: day(daysAgo).name, hasOpen: hasOpen, newestFinish: nil, thinned: 0,
            lookedAt: now - .seconds(3600 * hours), lookAgainAt: now)
    }

    private static func finding(
        _ days: [Int], _ notes: [HistoryNote] = [], failedHoursAgo: Int? = nil, isBusy: Bool = false
    ) -> Finding {
        let record = RemovalRecord(
            removedDay: nil, removedAt: nil, failure: failedHoursAgo == nil ? nil : "no right",
            failedAt: failedHoursAgo.map { now - .seconds(3600 * $0) })
        return HistoryCheckup.finding(
            RetentionPlan(now: now, days: 30), days.map(day), notes, record, isBusy: isBusy)
    }

    @Test func daysThatAreYoungOrKeptWithReasonAreWell() {
        #expect(Self.finding([]).level == .ok)
        #expect(Self.finding([1, 29, 30]).level == .ok)
        let kept = Self.finding(
            [40, 35], [Self.note(40, lookedAt: 20, hasOpen: true), Self.note(35, lookedAt: 1, hasOpen: false)])
        #expect(kept.level == .ok)
        #expect(kept.state.hasSuffix("; tasks have not ended of p20261011"))
        #expect(Self.finding([40], isBusy: true).level == .ok)
    }

    @Test func daysThatNobodyLooksAtAreNamed() throws {
        let left = Self.finding([40, 31], [Self.note(40, lookedAt: 50, hasOpen: true)])
        #expect(left.level == .warning)
        #expect(left.state.hasSuffix("nobody has looked at p20261011 p20261020"))
        #expect(try #require(left.advice).contains("within the hour"))
        #expect(Self.finding([40], failedHoursAgo: 3).advice == "see to what kept an instance from it: no right")
        #expect(Self.finding([40], failedHoursAgo: 30).advice?.contains("no right") == false)
        #expect(Self.finding([40, 39, 38, 37, 36, 35, 34]).state.hasSuffix("and 2 more"))
    }
}
