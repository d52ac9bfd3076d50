import MySQL
import Scheduler
import TestSupport
import Testing

/// What is written once stays once, and what is no longer ours is left alone.
@Suite struct StoreWriteTests {
    @Test func insertedTwiceIsThereOnce() async throws {
        try await StoreFixture.with { bench in
            let incarnation = try await bench.register()
            let batch = [
                bench.task(.scheduled, in: .seconds(3600)), bench.task(.ready), bench.task(.claimed(incarnation)),
            ]
            try await bench.store.insert(batch)
            try await bench.store.insert(batch)
            #expect(try bench.database.count("tasks") == 3)
            for table in ["scheduled", "ready", "claims"] { #expect(try bench.database.count(table) == 1) }
        }
    }

    @Test func aBatchOfWhichOnlyAPartIsThereIsRefusedAsAWhole() async throws {
        try await StoreFixture.with { bench in
            let first = bench.task(.ready)
            try await bench.store.insert([first])
            let error = await #expect(throws: MySQLError.self) {
                try await bench.store.insert([first, bench.task(.ready)])
            }
            #expect(error?.code == .duplicateKey)
            #expect(try bench.database.count("tasks") == 1)
            #expect(try bench.database.count("ready") == 1)
        }
    }

    @Test func anEndedIncarnationGetsNoClaims() async throws {
        try await StoreFixture.with { bench in
            let incarnation = try await bench.register()
            try await bench.store.insert([bench.task(.ready)])
            try bench.database.change("UPDATE instances SET ended_at = UTC_TIMESTAMP(6)")
            let insert = await #expect(throws: MySQLError.self) {
                try await bench.store.insert([bench.task(.ready), bench.task(.claimed(incarnation))])
            }
            #expect(insert?.isFenced == true)
            let range = ClaimRange(
                stage: .ready, queueID: bench.queueID, low: nil, upTo: .now + .seconds(60), limit: 10)
            for startLimit in [0, 10] {
                let claim = await #expect(throws: MySQLError.self) {
                    _ = try await bench.store.claim(
                        range, incarnation: incarnation, now: .now, startDueBy: .now, startLimit: startLimit)
                }
                #expect(claim?.isFenced == true)
            }
            #expect(try bench.database.count("tasks") == 1)
            #expect(try bench.database.count("ready") == 1)
            #expect(try bench.database.count("claims") == 0)
            // Another one is not held up by any of it.
            let other = try await bench.register()
            let claimed = try await bench.store.claim(
                range, incarnation: other, now: .now, startDueBy: .now, startLimit: 10)
            #expect(claimed.started.count == 1)
        }
    }

    static let fates: [OutcomeRecord.Fate] = [
        .succeeded, .dead(reason: "no retry is left"),
        .retry(at: Timestamp(microseconds: 1_795_255_200_000_000), .ready),
        .retry(at: Timestamp(microseconds: 4_000_000_000_000_000), .scheduled),
    ]

    @Test(arguments: fates) func recordedTwiceIsRecordedOnce(fate: OutcomeRecord.Fate) async throws {
        try await StoreFixture.with { bench in
            let incarnation = try await bench.register()
            let outcomes = try await bench.started(3, by: incarnation).map {
                bench.outcome(of: $0, fate, by: incarnation)
            }
            // The second is what a caller sends that did not see the answer to the COMMIT.
            for _ in 1...2 {
                #expect(try await bench.store.record(outcomes, incarnation: incarnation, now: .now).isEmpty)
            }
            #expect(try bench.database.count("attempts") == 3)
            #expect(try bench.database.count("claims") == 0)
            let expected: [String: Int] =
                switch fate {
                case .succeeded: ["tasks WHERE state = 1": 3]
                case .dead: ["tasks WHERE state = 3": 3, "dead_letters": 3]
                case .retry(_, .ready): ["tasks WHERE state = 2 AND entered_at IS NOT NULL": 3, "ready": 3]
                case .retry: ["tasks WHERE state = 2 AND entered_at IS NULL": 3, "scheduled": 3]
                // Nothing is logged of it: ExpiryTests.
                case .expired: [:]
                }
            for (rows, count) in expected { #expect(try bench.database.count(rows) == count, "\(rows)") }
        }
    }

    @Test func whatAnotherHasTakenOverIsSuperseded() async throws {
        try await StoreFixture.with { bench in
            let (slow, other) = (try await bench.register(), try await bench.register())
            let tasks = try await bench.started(6, by: slow)
            // Two are started by another by now, two wait again, two are still ours.
            for task in tasks[0..<2] {
                try bench.database.change("UPDATE claims SET incarnation = \(other) WHERE task_id = \(task.id)")
            }
            for task in tasks[2..<4] {
                try bench.database.change(
                    "UPDATE claims SET started_at = NULL, attempt = NULL WHERE task_id = \(task.id)")
            }
            let outcomes = tasks.map { bench.outcome(of: $0, .succeeded, by: slow) }
            let superseded = try await bench.store.record(outcomes, incarnation: slow, now: .now)
            #expect(superseded == Set(tasks[0..<4].map(\.id)))
            #expect(try bench.database.count("tasks WHERE state = 1") == 2)
            #expect(try bench.database.count("claims") == 4)
            #expect(try bench.database.count("attempts") == 2)
            // The other's outcome counts.
            let others = tasks[0..<2].map { bench.outcome(of: $0, .succeeded, by: other) }
            #expect(try await bench.store.record(others, incarnation: other, now: .now).isEmpty)
            #expect(try bench.database.count("tasks WHERE state = 1") == 4)
        }
    }

    @Test func whatRecoveryGaveUpIsSuperseded() async throws {
        try await StoreFixture.with { bench in
            let slow = try await bench.register()
            let tasks = try await bench.started(2, by: slow)
            try await bench.store.expire(slow)
            let recovered = try await bench.store.recover(
                slow, limit: 10, now: .now, decide: { $0.outcome(now: .now, incarnation: slow) })
            #expect(recovered?.retried == 2)
            let outcomes = tasks.map { bench.outcome(of: $0, .succeeded, by: slow) }
            let superseded = try await bench.store.record(outcomes, incarnation: slow, now: .now)
            #expect(superseded == Set(tasks.map(\.id)))
            #expect(try bench.database.count("attempts WHERE class = 'lost'") == 2)
            #expect(try bench.database.count("tasks WHERE state = 1") == 0)
        }
    }

    @Test func aBatchThatIsAllAnothersLeavesNothing() async throws {
        try await StoreFixture.with { bench in
            let (slow, other) = (try await bench.register(), try await bench.register())
            let tasks = try await bench.started(3, by: slow)
            try bench.database.change("UPDATE claims SET incarnation = \(other)")
            let outcomes = tasks.map { bench.outcome(of: $0, .dead(reason: "late"), by: slow) }
            let superseded = try await bench.store.record(outcomes, incarnation: slow, now: .now)
            #expect(superseded == Set(tasks.map(\.id)))
            #expect(try bench.database.count("claims WHERE incarnation = \(other)") == 3)
            #expect(try bench.database.count("tasks WHERE state = 0") == 3)
            #expect(try bench.database.count("attempts") == 0)
            #expect(try bench.database.count("dead_letters") == 0)
        }
    }

    /// One character of Swift may be many code points; the column counts those.
    @Test(arguments: ["x", "ж", "😀", "e\u{301}\u{302}\u{303}\u{304}\u{305}"])
    func longMessagesAreCut(character: String) async throws {
        try await StoreFixture.with { bench in
            let incarnation = try await bench.register()
            let task = try #require(try await bench.started(1, by: incarnation).first)
            let text = String(repeating: character, count: 700)
            let outcome = bench.outcome(of: task, .dead(reason: text), by: incarnation, message: text)
            #expect(try await bench.store.record([outcome], incarnation: incarnation, now: .now).isEmpty)
            #expect(try bench.database.count("attempts WHERE CHAR_LENGTH(message) = 500") == 1)
            #expect(try bench.database.count("dead_letters WHERE CHAR_LENGTH(reason) = 500") == 1)
        }
    }

    @Test func theLargestAcceptedTaskFits() async throws {
        try await StoreFixture.with { bench in
            var task = bench.task(.ready)
            task.task.request.url = "http://a.example/" + String(repeating: "x", count: 2031)
            task.task.request.headers = (0..<50).map {
                HeaderField(name: "X-\($0)", value: String(repeating: "v", count: 320))
            }
            task.task.request.body = Array(repeating: 39, count: Configuration().server.maxBodyBytes)
            task.task.retrySchedule = RetrySchedule(
                maxRetries: 100, delays: Array(repeating: .milliseconds(31_535_999_999), count: 100))
            for number in 0..<20 {
                task.task.labels["\(number)" + String(repeating: "n", count: 62)] = String(repeating: "\"", count: 256)
            }
            try await bench.store.insert([task])
            let read = try #require(try await bench.store.task(task.id))
            #expect(read.task == task.task)
            #expect(read.createdAt == task.createdAt)
            #expect(read.state == .scheduled)
        }
    }
}
