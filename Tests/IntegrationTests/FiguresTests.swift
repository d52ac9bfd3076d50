import MySQL
import TestSupport
import Testing

@testable import Scheduler

/// The figures of the overview, from the tables.
@Suite struct FiguresTests {
    static func figures(_ bench: StoreFixture, exactLimit: Int = 10_000) async throws -> Figures {
        try await bench.store.figures(minutesBack: 60, minutesAhead: 60, exactLimit: exactLimit)
    }

    /// Rows of `scheduled` alone: that is all that is looked at. `seconds` is SQL for those from now of row `n`.
    static func schedule(_ count: Int, queue: Int, seconds: String, _ bench: StoreFixture) throws {
        let connection = try bench.database.connect()
        let insert = """
            INSERT INTO scheduled (queue_id, plan_time, task_id)
            WITH RECURSIVE digits (d) AS (SELECT 0 UNION ALL SELECT d + 1 FROM digits WHERE d < 9),
            numbers (n) AS (SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d
              FROM digits a, digits b, digits c, digits e, digits f)
            SELECT \(queue), UTC_TIMESTAMP(6) + INTERVAL \(seconds) SECOND, UNHEX(LEFT(SHA2(CONCAT(UUID(), '-', n), 256), 32))
            FROM numbers WHERE n < \(count)
            """
        try connection.run(text: insert)
    }

    @Test func whatIsLittleIsCounted() async throws {
        try await StoreFixture.with { bench in
            let other = try await bench.store.queueID("other")
            let incarnation = try await bench.register()
            for queue in [bench.queueID, other] { try Self.schedule(590, queue: queue, seconds: "600 + n", bench) }
            try Self.schedule(7, queue: other, seconds: "-(100 + n)", bench)
            try Self.schedule(4, queue: other, seconds: "7200", bench)
            try await bench.store.insert([
                bench.task(.ready, in: .seconds(-60)), bench.task(.ready, in: .seconds(300)),
                bench.task(.claimed(incarnation), in: .seconds(-60)),
                bench.task(.claimed(incarnation), in: .seconds(300)),
            ])
            _ = try await bench.started(3, by: incarnation)
            let due = try await Self.figures(bench).due
            #expect(due.overdue == Estimate(9))
            #expect(due.minutes.count == 60)
            #expect(due.minutes.allSatisfy { $0.tasks.isExact })
            #expect(due.minutes.reduce(0) { $0 + $1.tasks.count } == 2 * 590 + 2)
            let figures = try await Self.figures(bench)
            #expect(figures.due.minutes[0].start == figures.now)
            #expect(figures.due.minutes[1].start == figures.now.minute + .seconds(60))
            for minute in figures.due.minutes {
                let counted = try bench.database.connect().run(
                    """
                    SELECT COUNT(*) FROM scheduled WHERE plan_time >= \(minute.start)
                      AND plan_time < \(minute.start.minute + .seconds(60))
                    """
                ).rows[0].integer(0)
                let soon = minute.start.minute == (figures.now + .seconds(300)).minute ? 2 : 0
                #expect(abs(minute.tasks.count - counted - soon) <= 2, "\(minute)")
            }
        }
    }

    @Test func whatIsMuchIsEstimated() async throws {
        try await StoreFixture.with { bench in
            let incarnation = try await bench.register()
            for queue in 1...4 { try Self.schedule(20_000, queue: queue, seconds: "(n MOD 1200) + 1800", bench) }
            try Self.schedule(300, queue: 1, seconds: "0 - n", bench)
            try bench.database.connect().run(text: "ANALYZE TABLE scheduled")
            try await bench.store.insert((0..<50).map { _ in bench.task(.claimed(incarnation), in: .seconds(60)) })
            let figures = try await Self.figures(bench, exactLimit: 1000)
            #expect(figures.due.overdue == Estimate(300))
            let sum = figures.due.minutes.reduce(0) { $0 + $1.tasks.count }
            #expect((60_000...110_000).contains(sum), "\(sum) of 80000")
            #expect(figures.due.minutes.contains { !$0.tasks.isExact })
            // Nothing is due in the next minute, and that is known.
            #expect(figures.due.minutes[0].tasks.isExact)
            #expect(figures.due.minutes[20].tasks == Estimate(0))
            let little = try await Self.figures(bench, exactLimit: 20)
            #expect(!little.due.overdue.isExact)
            #expect(little.due.overdue.count > 20)
            #expect(little.due.minutes[0...1].contains { !$0.tasks.isExact && $0.tasks.count > 20 })
        }
    }

    @Test func manyQueuesShareTheDives() async throws {
        try await StoreFixture.with { bench in
            for queue in 1...100 { try Self.schedule(30, queue: queue, seconds: "600 + 60 * n", bench) }
            let figures = try await Self.figures(bench)
            #expect(figures.due.minutes.reduce(0) { $0 + $1.tasks.count } == 3000)
            #expect(figures.due.minutes.allSatisfy { $0.tasks.isExact })
        }
    }

    @Test func attemptsAreReadFromTheirCounts() async throws {
        let receiver = TestServer { _ in .answer(http(200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                for _ in 0..<5 { _ = try await scheduler.accept(.post(receiver.url())) }
                try await eventually { try await scheduler.overview().recent.succeeded == 5 }
                let overview = try await scheduler.overview()
                #expect(overview.minutes.reduce(0) { $0 + $1.attempts.total } == 5)
                #expect(overview.minutes.count == 61)
                #expect(overview.recent.lateness != nil)
                #expect(overview.callsPerSecond > 0)
                #expect(overview.overdue == Estimate(0))
            }
        }
    }
}
