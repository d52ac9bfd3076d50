import MySQL
import TestSupport
import Testing

@testable import Scheduler

/// The counts per minute are those of the attempts.
@Suite struct RollupTests {
    static func bucket(_ value: String) -> String {
        "CASE "
            + DurationBucket.all.dropLast().map { "WHEN \(value) <= \($0.bound) THEN \($0.bound)" }
            .joined(separator: " ") + " ELSE \(DurationBucket.longer.bound) END"
    }

    /// Kinds of attempts that are counted otherwise than they are logged.
    static func miscounted(_ database: TestDatabase) throws -> [String] {
        let query = """
            SELECT CONCAT_WS(' ', minute, queue_id, incarnation, succeeded, class, late, took, SUM(n)) FROM (
              SELECT DATE_FORMAT(minute, '%Y-%m-%d %H:%i') AS minute, queue_id, incarnation, outcome = 1 AS succeeded,
                class, lateness_us AS late, duration_us AS took, CAST(attempts AS SIGNED) AS n FROM rollups_minute
              UNION ALL
              SELECT DATE_FORMAT(a.started_at + INTERVAL a.duration_us MICROSECOND, '%Y-%m-%d %H:%i'), t.queue_id,
                a.incarnation, a.succeeded, a.class,
                \(bucket("TIMESTAMPDIFF(MICROSECOND, a.plan_time, a.started_at)")), \(bucket("a.duration_us")), -1
              FROM attempts a JOIN tasks t ON t.id = a.task_id WHERE a.incarnation > 0) x
            GROUP BY minute, queue_id, incarnation, succeeded, class, late, took HAVING SUM(n) <> 0
            """
        return try database.connect().run(Query(stringLiteral: query)).rows.map { try $0.text(0) }
    }

    static func sum(_ database: TestDatabase, _ condition: String) throws -> Int {
        let query = "SELECT COALESCE(SUM(attempts), 0) FROM rollups_minute WHERE " + condition
        return try database.connect().run(Query(stringLiteral: query)).rows[0].integer(0)
    }

    @Test func everyOutcomeIsCountedOnce() async throws {
        try await StoreFixture.with { bench in
            let (mine, slow) = (try await bench.register(), try await bench.register())
            var outcomes: [OutcomeRecord] = []
            for (number, task) in try await bench.started(200, by: mine).enumerated() {
                let fate: OutcomeRecord.Fate =
                    switch number % 4 {
                    case 0: .dead(reason: "no retry is left")
                    case 1: .retry(at: .now, .ready)
                    default: .succeeded
                    }
                var outcome = bench.outcome(of: task, fate, by: mine)
                outcome.attempt.startedAt = task.planTime + .microseconds(number * number * 1000)
                outcome.attempt.duration = .microseconds((number - 10) * 7919)
                outcomes.append(outcome)
            }
            // The second is what a caller sends that did not see the answer to the COMMIT.
            for _ in 1...2 { _ = try await bench.store.record(outcomes, incarnation: mine, now: .now) }
            // Another's are not counted when they come too late, and lost ones under whom they were lost by.
            let late = try await bench.started(20, by: slow)
            try await bench.store.expire(slow)
            _ = try await bench.store.recover(slow, limit: 10, now: .now) { $0.outcome(now: .now, incarnation: slow) }
            _ = try await bench.store.record(
                late.map { bench.outcome(of: $0, .succeeded, by: slow) }, incarnation: slow, now: .now)
            #expect(try Self.miscounted(bench.database) == [])
            #expect(try Self.sum(bench.database, "incarnation = \(mine) AND outcome = 1") == 100)
            #expect(try Self.sum(bench.database, "incarnation = \(mine) AND outcome = 2") == 50)
            #expect(try Self.sum(bench.database, "incarnation = \(mine) AND outcome = 3") == 50)
            #expect(try Self.sum(bench.database, "class = 'lost' AND incarnation = \(slow)") == 10)
            #expect(try Self.sum(bench.database, "TRUE") == bench.database.count("attempts"))
        }
    }

    @Test func manyWhoRecordAtOnceCountAll() async throws {
        try await StoreFixture.with { bench in
            let incarnations = [try await bench.register(), try await bench.register()]
            var batches: [(UInt64, [OutcomeRecord])] = []
            for incarnation in incarnations {
                // Two batches of one incarnation at once, as when recovery meets an instance that comes back.
                for _ in 0..<2 {
                    let tasks = try await bench.started(100, by: incarnation)
                    for start in stride(from: 0, to: 100, by: 5) {
                        let outcomes = tasks[start..<start + 5].enumerated().map { number, task in
                            var outcome = bench.outcome(
                                of: task, number == 0 ? .dead(reason: "") : .succeeded, by: incarnation)
                            outcome.attempt.duration = .milliseconds(1 << ((start + number) % 8))
                            return outcome
                        }
                        batches.append((incarnation, outcomes))
                    }
                }
            }
            let recorded = batches
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in 0..<4 {
                    group.addTask {
                        for (incarnation, outcomes) in stride(from: lane, to: recorded.count, by: 4).map({
                            recorded[$0]
                        }) {
                            let superseded = try await bench.store.record(
                                outcomes, incarnation: incarnation, now: .now)
                            #expect(superseded.isEmpty)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try Self.miscounted(bench.database) == [])
            #expect(try DestinationRollupTests.miscounted(bench.database) == [])
            #expect(try Self.sum(bench.database, "TRUE") == 400)
        }
    }

    @Test func aRunWithCrashesIsCountedExactly() async throws {
        let receiver = TestServer { request in
            switch request.path.last {
            case "0"?: .answer(http(500))
            case "1"?: request.header("X-Task-Attempt") == "1" ? .answer(http(503)) : .answer(http(200))
            default: .answer(http(200))
            }
        }
        defer { receiver.stop() }
        try await StoreFixture.with { bench in
            let dead = try await bench.register()
            let tasks = (0..<60).map { bench.task(.claimed(dead), url: receiver.url("/\($0 % 10)"), retries: 1) }
            try await bench.store.insert(tasks)
            _ = try await bench.store.start(
                tasks.prefix(30).map(\.placement.wheelEntry), incarnation: dead, now: .now)
            try RecoveryTests.expire(dead, in: bench)
            try await RunningScheduler.with(bench.database) { _ in
                try await eventually { try bench.database.count("tasks WHERE state IN (1, 3)") == tasks.count }
            }
            #expect(try Self.miscounted(bench.database) == [])
            #expect(try DestinationRollupTests.miscounted(bench.database) == [])
            #expect(try Self.sum(bench.database, "class = 'lost'") == 30)
            #expect(try Self.sum(bench.database, "outcome = 1") == bench.database.count("tasks WHERE state = 1"))
            #expect(try Self.sum(bench.database, "outcome = 3") == bench.database.count("dead_letters"))
        }
    }

    @Test func whatIsOldIsDeletedInBatches() async throws {
        try await StoreFixture.with { bench in
            for minute in 0..<10 {
                try bench.database.change(
                    """
                    INSERT INTO rollups_minute VALUES
                    ('2026-11-01 10:00:00' + INTERVAL \(minute) MINUTE, 1, 1, 1, 'success', 100, 100, 1)
                    """)
                try bench.database.change(
                    """
                    INSERT INTO rollups_destination VALUES ('2026-11-01 10:00:00' + INTERVAL \(minute) MINUTE, 1,
                      'a.example', 'success', 100, 1, '2026-11-01 10:00:00', NULL)
                    """)
            }
            let time = try #require(Timestamp(rfc3339: "2026-11-01T10:07:00Z"))
            #expect(try await bench.store.pruneRollups(before: time, limit: 5) == 5)
            #expect(try bench.database.count("rollups_minute WHERE minute < '2026-11-01 10:05:00'") == 0)
            #expect(try await bench.store.pruneRollups(before: time, limit: 5) == 2)
            #expect(try await bench.store.pruneRollups(before: time, limit: 5) == 0)
            #expect(try bench.database.count("rollups_minute") == 3)
            #expect(try bench.database.count("rollups_destination") == 3)
        }
    }
}
