import MySQL
import Scheduler
import Testing

@Suite struct PartitionPlanTests {
    struct Case: Sendable {
        let existing: [String]
        let now: String
        let daysAhead: Int
        let missing: [String]

        init(_ existing: [String], _ now: String, _ daysAhead: Int, _ missing: [String]) {
            self.existing = existing
            self.now = now
            self.daysAhead = daysAhead
            self.missing = missing
        }
    }

    static let cases = [
        Case(["later"], "2026-11-20T10:00:00Z", 2, ["p20261120", "p20261121", "p20261122"]),
        Case([], "2026-11-20T00:00:00Z", 0, ["p20261120"]),
        Case(["p20261120", "p20261121", "later"], "2026-11-20T23:59:59.999999Z", 2, ["p20261122"]),
        Case(["p20261120", "p20261121", "p20261122", "later"], "2026-11-20T12:00:00Z", 2, []),
        // The clock stood back once: what is there stays.
        Case(["p20261125", "later"], "2026-11-20T12:00:00Z", 3, []),
        // Nobody was there for a while: only what lies ahead is split off.
        Case(["p20261101", "later"], "2026-11-20T12:00:00Z", 1, ["p20261120", "p20261121"]),
        Case(["p20261230", "later"], "2026-12-30T12:00:00Z", 2, ["p20261231", "p20270101"]),
        Case(["later"], "2028-02-28T12:00:00Z", 2, ["p20280228", "p20280229", "p20280301"]),
    ]

    @Test(arguments: cases) func missingDays(expected: Case) throws {
        let now = try #require(Timestamp(rfc3339: expected.now))
        let missing = PartitionPlan.missing(existing: expected.existing, now: now, daysAhead: expected.daysAhead)
        #expect(missing.map(\.name) == expected.missing)
        #expect(zip(missing, missing.dropFirst()).allSatisfy { $0.bound < $1.bound })
    }

    @Test func aDayHoldsWhatIsMadeWithinIt() throws {
        let day = DayPartition(day: try #require(Timestamp(rfc3339: "2026-11-21T00:00:00Z")))
        #expect(day.name == "p20261121")
        let source = TaskIDSource(SystemTime())
        let last = source.next(at: try #require(Timestamp(rfc3339: "2026-11-21T23:59:59.999Z")))
        let next = TaskIDSource(SystemTime()).next(at: try #require(Timestamp(rfc3339: "2026-11-22T00:00:00Z")))
        #expect(last < day.bound)
        #expect(next >= day.bound)
    }
}
