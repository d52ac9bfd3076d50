import MySQL
import TestSupport
import Testing

@testable import Scheduler

/// The counts per minute and host are those of the attempts.
@Suite struct DestinationRollupTests {
    /// Kinds of attempts that are counted otherwise than they are logged, of tasks whose URL has kept its host.
    static func miscounted(_ database: TestDatabase) throws -> [String] {
        let query = """
            SELECT CONCAT_WS(' ', minute, incarnation, host, class, took, SUM(n)) FROM (
              SELECT DATE_FORMAT(minute, '%Y-%m-%d %H:%i') AS minute, incarnation, host, class, duration_us AS took,
                CAST(attempts AS SIGNED) AS n, last_started_at AS last FROM rollups_destination
              UNION ALL
              SELECT DATE_FORMAT(a.started_at + INTERVAL a.duration_us MICROSECOND, '%Y-%m-%d %H:%i'), a.incarnation,
                LOWER(SUBSTRING_INDEX(SUBSTRING_INDEX(SUBSTRING_INDEX(SUBSTRING_INDEX(t.url, '/', 3), '/', -1), '?', 1), '#', 1)),
                a.class,
                \(RollupTests.bucket("a.duration_us")), -COUNT(*), MAX(a.started_at)
              FROM attempts a JOIN tasks t ON t.id = a.task_id WHERE a.incarnation > 0 GROUP BY 1, 2, 3, 4, 5) x
            GROUP BY minute, incarnation, host, class, took HAVING SUM(n) <> 0 OR MIN(last) <> MAX(last)
            """
        return try database.connect().run(Query(stringLiteral: query)).rows.map { try $0.text(0) }
    }

    @Test func everyOutcomeIsCountedOnce() async throws {
        try await StoreFixture.with { bench in
            let (mine, slow) = (try await bench.register(), try await bench.register())
            let urls = ["http://a.example/x", "https://A.example:8443?q", "http://b.example#f"]
            func started(_ count: Int, by incarnation: UInt64) async throws -> [StartedTask] {
                let tasks = (0..<count).map { bench.task(.claimed(incarnation), url: urls[$0 % 3]) }
                try await bench.store.insert(tasks)
                return try await bench.store.start(
                    tasks.map(\.placement.wheelEntry), incarnation: incarnation, now: .now)
            }
            let outcomes = try await started(150, by: mine).enumerated().map { number, task in
                var outcome = bench.outcome(
                    of: task,
                    number % 4 == 0 ? .dead(reason: "") : number % 4 == 1 ? .retry(at: .now, .ready) : .succeeded,
                    by: mine, message: number % 4 < 2 ? "message \(number)" : nil)
                // Not in the order of time.
                outcome.attempt.startedAt = task.planTime + .microseconds(number * 7919 % 1000)
                outcome.attempt.duration = .microseconds((number - 10) * 313)
                return outcome
            }
            for part in [outcomes[..<50], outcomes[50..<60], outcomes[60...]] {
                _ = try await bench.store.record(Array(part), incarnation: mine, now: .now)
            }
            // What a caller sends that did not see the answer to the COMMIT.
            _ = try await bench.store.record(outcomes, incarnation: mine, now: .now)
            let late = try await started(20, by: slow)
            try await bench.store.expire(slow)
            _ = try await bench.store.recover(slow, limit: 10, now: .now) { $0.outcome(now: .now, incarnation: slow) }
            _ = try await bench.store.record(
                late.map { bench.outcome(of: $0, .succeeded, by: slow) }, incarnation: slow, now: .now)
            #expect(try Self.miscounted(bench.database) == [])
            let rows = try bench.database.connect().run(
                "SELECT host, SUM(attempts) FROM rollups_destination WHERE class <> 'lost' GROUP BY host ORDER BY host"
            ).rows.map { "\(try $0.text(0)) \(try $0.integer(1))" }
            #expect(rows == ["a.example 53", "a.example:8443 54", "b.example 53"])
            // The message is that of the attempt that began last.
            #expect(
                try bench.database.count(
                    """
                    rollups_destination r WHERE class = 'status' AND NOT EXISTS (SELECT * FROM attempts a
                      WHERE a.started_at = r.last_started_at AND a.message = r.last_message)
                    """) == 0)
            #expect(try bench.database.count("rollups_destination WHERE class = 'status'") > 3)
        }
    }

    @Test func hostsBeyondTheLimitAreCountedTogether() async throws {
        try await StoreFixture.with { bench in
            let count = 2 * CountedHosts.limit + 20
            // All of 127.0.0.0/8 is this machine, and nobody listens.
            let tasks = (1...count).map {
                bench.task(.ready, url: "http://127.0.\($0 / 100).\(1 + $0 % 100):1", retries: 0)
            }
            try await bench.store.insert(tasks)
            try await RunningScheduler.with(bench.database) { _ in
                try await eventually { try bench.database.count("dead_letters") == count }
            }
            let minutes = try bench.database.connect().run(
                """
                SELECT COUNT(DISTINCT NULLIF(host, '')), SUM(attempts), SUM(CASE WHEN host = '' THEN attempts ELSE 0 END)
                FROM rollups_destination GROUP BY minute
                """
            ).rows.map { (hosts: try $0.integer(0), attempts: try $0.integer(1), others: try $0.integer(2)) }
            #expect(minutes.reduce(0) { $0 + $1.attempts } == count)
            // They may have ended in two minutes.
            #expect(minutes.reduce(0) { $0 + $1.others } >= 20)
            if minutes.count == 1 { #expect(minutes[0].hosts == CountedHosts.limit) }
        }
    }
}
