import Migrations
import MySQL
import TestSupport
import Testing

/// How the servers read for the views: only the days that are asked for, and no table of waiting tasks as a whole.
@Suite struct ReportPlanTests {
    private struct Step {
        var table: String
        var partitions: Set<Substring>
        var type: String
        var extra: String
    }

    private static let day = "NOW() - INTERVAL 1 DAY"
    private static let id = "UNHEX(RPAD(LPAD(HEX(1000 * UNIX_TIMESTAMP(\(day))), 12, '0'), 32, '0'))"

    private static let lastDay = [
        "report_tasks": "id >= \(id)", "report_attempts": "id >= \(id)", "report_minutely": "minute >= \(day)",
        "report_hourly": "hour >= \(day)", "report_daily": "day >= \(day)", "report_dead_letters": "died_at >= \(day)",
    ]

    private static func plan(_ sql: String, _ fixture: ReportFixture) throws -> [Step] {
        let explain = ServerKind.current == .mysql ? "EXPLAIN FORMAT=TRADITIONAL " : "EXPLAIN PARTITIONS "
        let (columns, rows) = try fixture.table(explain + sql)
        func cell(_ name: String, _ row: [String]) throws -> String { row[try #require(columns.firstIndex(of: name))] }
        return try rows.map { row in
            Step(
                table: try cell("table", row), partitions: Set(try cell("partitions", row).split(separator: ",")),
                type: try cell("type", row), extra: try cell("Extra", row))
        }
    }

    @Test(arguments: ReportView.all.map(\.name))
    func theLastDayIsReadAndNothingElse(view: String) async throws {
        try await ReportFixture.with { fixture in
            let steps = try Self.plan(
                "SELECT * FROM \(view) WHERE \(Self.lastDay[view] ?? "TRUE")", fixture)
            #expect(!steps.isEmpty)
            if view == "report_tasks" { #expect(steps.contains { $0.table == "c" }, "\(steps)") }
            if view == "report_queues" { #expect(steps.contains { $0.table == "r" }, "\(steps)") }
            for step in steps {
                switch step.table {
                case "t", "a":  // tasks, attempts
                    // By their keys one by one, or a range in these days.
                    if ["eq_ref", "ref", "const"].contains(step.type) { continue }
                    #expect(step.partitions.isSubset(of: ["p20261119", "p20261120", "later"]), "\(steps)")
                    #expect(!step.partitions.isEmpty)
                case "s":  // scheduled
                    #expect(step.type == "ref" || step.extra.contains("Range checked for each record"), "\(steps)")
                case "m":  // rollups_minute, for each hour or day
                    #expect(step.extra.contains("Range checked for each record"), "\(steps)")
                case "h":  // rollups_destination
                    #expect(step.type == "range", "\(steps)")
                case "r" where view == "report_queues":  // ready: the first of each queue
                    #expect(["ref", "index"].contains(step.type), "\(steps)")
                case "c" where view == "report_tasks":  // claims: by the task's key, where it may have one
                    #expect(step.type == "eq_ref", "\(steps)")
                default: break
                }
            }
        }
    }

    @Test func minutesAreLookedUpInTheirKey() async throws {
        try await ReportFixture.with { fixture in
            let steps = try Self.plan(
                "SELECT * FROM report_minutely WHERE minute >= NOW() - INTERVAL 1 HOUR", fixture)
            #expect(steps.contains { $0.table == "r" && $0.type == "range" }, "\(steps)")
        }
    }
}
