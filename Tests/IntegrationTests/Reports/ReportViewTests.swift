import MySQL
import TestSupport
import Testing

@testable import Scheduler

/// What the views say is what is in the tables.
@Suite struct ReportViewTests {
    private static func number(_ fixture: ReportFixture, _ sql: String) throws -> String {
        try #require(fixture.table(sql).rows.first)[0]
    }

    @Test func everyTaskHasTheStateThatTheAPIGives() async throws {
        try await StoreFixture.with { bench in
            let incarnation = try await bench.register()
            let places: [Place] = [.scheduled, .ready, .claimed(incarnation)]
            try await bench.store.insert(places.map { bench.task($0) })
            let tasks = try await bench.started(5, by: incarnation)
            let fates: [OutcomeRecord.Fate] = [
                .succeeded, .dead(reason: "no retry is left"), .retry(at: .now, .ready),
                .retry(at: .now, .claimed(incarnation)),
            ]
            _ = try await bench.store.record(
                zip(tasks, fates).map { bench.outcome(of: $0, $1, by: incarnation) }, incarnation: incarnation,
                now: .now)
            let cancelled = bench.task(.ready)
            try await bench.store.insert([cancelled])
            _ = try await bench.store.steer(cancelled.id, .cancel, now: .now) { _, _ in .ready }
            let rows = try bench.database.connect().run(
                "SELECT id, task_id, state, old_state, attempts FROM report_tasks"
            ).rows
            #expect(rows.count == 9)
            for row in rows {
                let record = try #require(try await bench.store.task(row.taskID(0)))
                #expect(try row.text(1) == record.id.description)
                #expect(try row.text(2) == record.state.rawValue)
                #expect(try row.optional(3, Row.integer) == record.state.oldNumber)
                // The API counts the one that runs, too.
                #expect(try row.integer(4) == record.attempt - (record.state == .running ? 1 : 0))
            }
        }
    }

    @Test func statesAreThoseOfTheTasks() async throws {
        try await ReportFixture.with { fixture in
            // One that waits with an instance, and one that does so for a retry.
            for (state, number) in [(0, 1), (2, 2)] {
                try fixture.connect().run(
                    text: """
                        UPDATE tasks SET state = \(state) WHERE state = 0 AND id NOT IN (SELECT task_id FROM claims)
                          ORDER BY id LIMIT 1
                        """)
                try fixture.connect().run(
                    text: """
                        INSERT INTO claims SELECT id, 2, queue_id, plan_time, NULL, NOW(), NULL FROM tasks
                        WHERE state = \(state) AND id NOT IN (SELECT task_id FROM claims) ORDER BY id LIMIT 1
                        """)
                #expect(try fixture.database.count("claims WHERE started_at IS NULL") == number)
            }
            let counted = try fixture.table(
                """
                SELECT queue, state, old_state, COUNT(*) FROM report_tasks WHERE id >= 0x\(Self.yesterday)
                GROUP BY queue, state, old_state ORDER BY queue, state, old_state
                """
            ).rows
            #expect(Set(counted.map { $0[1] }).isSuperset(of: ["claimed", "running", "retrying", "scheduled"]))
            #expect(
                try fixture.table("SELECT queue, state, old_state, tasks FROM report_states ORDER BY 1, 2, 3").rows
                    == counted)
        }
    }

    @Test func countsAddUpToTheAttempts() async throws {
        try await ReportFixture.with { fixture in
            let all = try Self.number(fixture, "SELECT COUNT(*) FROM attempts")
            let figures = """
                SUM(attempts), SUM(succeeded + retrying + dead), SUM(succeeded), SUM(retrying), SUM(dead), SUM(lost)
                """
            let minutely = try fixture.table("SELECT \(figures) FROM report_minutely").rows
            #expect(minutely[0].prefix(2) == [all, all])
            for view in ["report_hourly", "report_daily"] {
                #expect(try fixture.table("SELECT \(figures) FROM \(view)").rows == minutely)
            }
            #expect(try Self.number(fixture, "SELECT COUNT(*) FROM report_attempts") == all)
            #expect(try Self.number(fixture, "SELECT SUM(succeeded) FROM report_attempts") == minutely[0][2])
            #expect(
                try Self.number(
                    fixture, "SELECT COUNT(*) FROM report_attempts WHERE id >= 0x\(Self.yesterday)")
                    == Self.number(fixture, "SELECT SUM(made) FROM report_retries"))
        }
    }

    /// 2026-11-19 12:00:00.
    private static let yesterday =
        String(
            Timestamp(rfc3339: "2026-11-19T12:00:00Z")!.microseconds / 1000, radix: 16
        ).leftPadded(to: 12) + String(repeating: "0", count: 20)

    /// A percentile is the end of the bucket that the one of that rank is in.
    @Test func percentilesAreThoseOfTheAttempts() async throws {
        try await ReportFixture.with { fixture in
            let views = [
                ("report_hourly", "hour", "%Y-%m-%d %H:00:00"), ("report_daily", "day", "%Y-%m-%d 00:00:00"),
                ("report_minutely", "minute", "%Y-%m-%d %H:%i:00"),
            ]
            for (view, span, format) in views {
                let rows = try fixture.table(
                    """
                    SELECT CAST(\(span) AS DATETIME), queue, lateness_p50_ms, lateness_p95_ms, lateness_p99_ms, lateness_max_ms,
                      duration_p50_ms, duration_p95_ms, duration_p99_ms, duration_max_ms FROM \(view) ORDER BY 1, 2
                    """
                ).rows
                let attempts = try fixture.table(
                    """
                    SELECT CAST(DATE_FORMAT(started_at + INTERVAL duration_ms * 1000 MICROSECOND, '\(format)') AS DATETIME),
                      queue, ROUND(lateness_ms * 1000), ROUND(duration_ms * 1000) FROM report_attempts
                    """
                ).rows
                let groups = Dictionary(grouping: attempts) { $0[0] + $0[1] }
                #expect(rows.count == groups.count)
                for row in rows {
                    let group = try #require(groups[row[0] + row[1]])
                    for (column, first) in [(2, 2), (3, 6)] {
                        let ordered = group.map { Int64($0[column])! }.sorted()
                        for (offset, percent) in [50, 95, 99, 100].enumerated() {
                            let rank = (ordered.count * percent + 99) / 100
                            let bound = DurationBucket(microseconds: ordered[rank - 1]).bound
                            #expect(Double(row[first + offset]) == Double(bound) / 1000, "\(view) \(row)")
                        }
                    }
                }
            }
        }
    }

    @Test func destinationsAreThoseOfTheAttempts() async throws {
        try await ReportFixture.with { fixture in
            let hosts = try fixture.table(
                """
                SELECT host, attempts, succeeded, duration_p50_ms, duration_p99_ms, last_error_at, last_error, last_success_at, lost
                FROM report_destinations
                """
            ).rows
            let attempts = try fixture.table(
                """
                SELECT host, succeeded, ROUND(duration_ms * 1000), started_at, CONCAT_WS(': ', class, message) FROM report_attempts
                WHERE started_at + INTERVAL ROUND(duration_ms * 1000) MICROSECOND >= UTC_TIMESTAMP() - INTERVAL 1 DAY
                ORDER BY started_at
                """
            ).rows
            let groups = Dictionary(grouping: attempts) { $0[0] }
            #expect(Set(hosts.map { $0[0] }) == Set(groups.keys))
            for row in hosts {
                let group = try #require(groups[row[0]])
                let ordered = group.map { Int64($0[2])! }.sorted()
                let bounds = [50, 99].map { percent in
                    DurationBucket(microseconds: ordered[(ordered.count * percent + 99) / 100 - 1]).bound
                }
                let (failed, good) = (group.last { $0[1] == "0" }, group.last { $0[1] == "1" })
                #expect(row[1] == "\(group.count)")
                #expect(row[2] == "\(group.count { $0[1] == "1" })")
                #expect(row[3...4].map { Double($0) } == bounds.map { Double($0) / 1000 })
                #expect(row[5] == failed?[3])
                #expect(row[6] == failed?[4])
                #expect(row[7] == good?[3])
                #expect(row[8] == "0")
            }
        }
    }

    /// The times of an attempt that was lost tell nothing.
    @Test func whatWasLostIsCountedWithoutItsTimes() async throws {
        try await ReportFixture.with { fixture in
            try fixture.connect().run(
                text: "INSERT INTO rollups_minute VALUES ('2026-11-20 11:30:00', 3, 1, 2, 'lost', 100, 3600000000, 7)")
            let sql = """
                SELECT attempts, retrying, lost, lateness_p50_ms, duration_max_ms FROM report_hourly WHERE queue = 'newsletter'
                """
            #expect(try fixture.table(sql).rows == [["7", "7", "7", "NULL", "NULL"]])
        }
    }

    @Test func theBacklogIsAllThatWaits() async throws {
        try await ReportFixture.with { fixture in
            #expect(
                try Self.number(fixture, "SELECT SUM(tasks) FROM report_backlog")
                    == Self.number(
                        fixture, "SELECT (SELECT COUNT(*) FROM scheduled) + (SELECT COUNT(*) FROM ready)"))
            let overdue = try fixture.table(
                """
                SELECT q.name, COUNT(*) FROM ready r JOIN queues q ON q.id = r.queue_id GROUP BY q.name ORDER BY q.name
                """
            ).rows
            let said = "SELECT queue, SUM(tasks) FROM report_backlog WHERE is_overdue GROUP BY queue ORDER BY queue"
            #expect(try fixture.table(said).rows == overdue)
            // Each task is between the two times of its row.
            let minutes = try fixture.table(
                """
                SELECT b.tasks, (SELECT COUNT(*) FROM scheduled s JOIN queues q ON q.id = s.queue_id
                  WHERE q.name = b.queue AND s.plan_time >= b.due_from AND s.plan_time < b.due_before)
                FROM report_backlog b WHERE NOT b.is_overdue
                """
            ).rows
            #expect(minutes.allSatisfy { $0[0] == $0[1] })
            #expect(minutes.count > 10)
        }
    }
}

extension TaskState {
    /// As delay_queue numbered them, of a task that has not been retried.
    fileprivate var oldNumber: Int? {
        switch self {
        case .scheduled, .claimed, .running: 0
        case .succeeded: 1
        case .retrying: 2
        case .dead: 3
        case .cancelled: nil
        }
    }
}

extension String {
    fileprivate func leftPadded(to width: Int) -> String {
        String(repeating: "0", count: max(0, width - count)) + self
    }
}
