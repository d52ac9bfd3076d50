import MySQL
import TestSupport
import Testing

@testable import Scheduler

@Suite struct BulkRetryTests {
    static func work(
        _ id: BulkOperation.ID, as runner: String, limit: Int, steps: Int = .max, _ bench: StoreFixture
    ) async throws -> Int {
        var done = 0
        for _ in 0..<steps {
            let step = try await bench.store.retryDeadLetters(
                of: id, runner: runner, lease: .seconds(60), limit: limit, now: .now)
            guard let step else { break }
            done += step.done
            if step.isLast { break }
        }
        return done
    }

    static func start(_ bench: StoreFixture, _ filter: DeadLetterFilter = DeadLetterFilter()) async throws
        -> BulkOperation
    {
        try #require(try await bench.store.insertBulkRetry(filter, perSecond: 100, by: "somebody"))
    }

    @Test func eachIsRetriedOnceWhoeverWorksAtIt() async throws {
        try await StoreFixture.with { bench in
            let letters = try await DeadLetterListTests.fill(bench)
            let operation = try await Self.start(bench)
            #expect(operation.state == .running)
            #expect(operation.total == Estimate(200))
            #expect(operation.requestedBy == "somebody")
            #expect(try await bench.store.takeBulkOperations("first", lease: .seconds(60)).map(\.id) == [operation.id])
            #expect(try await bench.store.takeBulkOperations("second", lease: .seconds(60)).isEmpty)
            #expect(try await Self.work(operation.id, as: "first", limit: 30, steps: 3, bench) == 90)
            #expect(try await Self.work(operation.id, as: "second", limit: 30, steps: 1, bench) == 0)
            // The oldest first.
            #expect(
                try bench.database.count("dead_letters WHERE died_at < \(Self.literal(letters[89].place.diedAt))") == 0)
            // Somebody else retries some, and one of them dies again.
            for letter in letters[100..<105] {
                _ = try await bench.store.steer(letter.id, .retry, now: .now, place: { _, _ in .ready })
            }
            try bench.database.change("UPDATE tasks SET state = 3 WHERE id = \(letters[104].id)")
            try bench.database.change("DELETE FROM ready WHERE task_id = \(letters[104].id)")
            try bench.database.change(
                """
                INSERT INTO dead_letters (task_id, queue_id, died_at, reason)
                VALUES (\(letters[104].id), 1, UTC_TIMESTAMP(6) + INTERVAL 1 SECOND, 'again')
                """)
            // The first is gone.
            try bench.database.change("UPDATE bulk_operations SET lease_until = UTC_TIMESTAMP(6)")
            #expect(try await bench.store.takeBulkOperations("second", lease: .seconds(60)).map(\.id) == [operation.id])
            #expect(try await Self.work(operation.id, as: "first", limit: 30, bench) == 0)
            #expect(try await Self.work(operation.id, as: "second", limit: 30, bench) == 105)
            let ended = try #require(try await bench.store.bulkOperation(operation.id))
            #expect(ended.state == .done)
            #expect(ended.done == 195)
            #expect(ended.finishedAt != nil)
            #expect(try bench.database.count("dead_letters") == 1)
            #expect(try bench.database.count("ready") == 199)
            #expect(try bench.database.count("tasks WHERE state = 0 AND retries_from = 4 AND version = 2") == 199)
            #expect(try await bench.store.takeBulkOperations("third", lease: .seconds(60)).isEmpty)
        }
    }

    private static func literal(_ time: Timestamp) -> String {
        var script = Script()
        script.write(literal: .time(time))
        return String(decoding: script.bytes, as: UTF8.self)
    }

    @Test func whatIsTakenAwayMeanwhileIsSkipped() async throws {
        try await StoreFixture.with { bench in
            let letters = try await DeadLetterListTests.fill(bench)
            let operation = try await Self.start(bench)
            _ = try await bench.store.takeBulkOperations("runner", lease: .seconds(60))
            // Dead letters of tasks that are not dead: as between the search and the transaction.
            try bench.database.change("UPDATE tasks SET state = 0 WHERE id = \(letters[3].id)")
            #expect(try await Self.work(operation.id, as: "runner", limit: 64, bench) == 199)
            #expect(try await bench.store.bulkOperation(operation.id)?.skipped == 1)
        }
    }

    @Test func aFilterHolds() async throws {
        for (filter, isMeant) in DeadLetterListTests.filters() {
            try await StoreFixture.with { bench in
                let letters = try await DeadLetterListTests.fill(bench, count: 60)
                let operation = try await Self.start(bench, filter)
                let expected = letters.filter(isMeant).count
                #expect(operation.total == Estimate(expected))
                #expect(operation.filter == filter)
                _ = try await bench.store.takeBulkOperations("runner", lease: .seconds(60))
                #expect(try await Self.work(operation.id, as: "runner", limit: 7, bench) == expected)
                #expect(try bench.database.count("dead_letters") == letters.count - expected)
                #expect(try await bench.store.bulkOperation(operation.id)?.state == .done)
            }
        }
    }

    @Test func oneThatIsCancelledStops() async throws {
        try await StoreFixture.with { bench in
            _ = try await DeadLetterListTests.fill(bench)
            let operation = try await Self.start(bench)
            _ = try await bench.store.takeBulkOperations("runner", lease: .seconds(60))
            #expect(try await Self.work(operation.id, as: "runner", limit: 10, steps: 2, bench) == 20)
            let cancelled = try #require(try await bench.store.cancelBulkOperation(operation.id))
            #expect(cancelled.state == .cancelled)
            #expect(try await Self.work(operation.id, as: "runner", limit: 10, bench) == 0)
            #expect(try bench.database.count("dead_letters") == 180)
            #expect(try await bench.store.cancelBulkOperation(operation.id)?.finishedAt == cancelled.finishedAt)
            #expect(try await bench.store.cancelBulkOperation(99) == nil)
            #expect(try await bench.store.bulkOperation(99) == nil)
        }
    }

    /// Beside others who take the same tasks, and each other's operations.
    @Test func manyAtOnceRetryEachOnce() async throws {
        try await StoreFixture.with { bench in
            let letters = try await DeadLetterListTests.fill(bench)
            let operations = [try await Self.start(bench), try await Self.start(bench)]
            let retried = try await withThrowingTaskGroup(of: Int.self) { group in
                for (number, operation) in operations.enumerated() {
                    try bench.database.change(
                        "UPDATE bulk_operations SET runner = \("\(number)") WHERE id = \(operation.id)")
                    group.addTask { try await Self.work(operation.id, as: "\(number)", limit: 15, bench) }
                }
                group.addTask {
                    var count = 0
                    for letter in letters.reversed() {
                        let result = try await bench.store.steer(
                            letter.id, .retry, now: .now, place: { _, _ in .ready })
                        if case .done = result { count += 1 }
                    }
                    return count
                }
                return try await group.reduce(0, +)
            }
            #expect(retried == letters.count)
            #expect(try bench.database.count("ready") == letters.count)
            #expect(try bench.database.count("dead_letters") == 0)
            #expect(try bench.database.count("tasks WHERE version = 2") == letters.count)
        }
    }

    @Test func aRunningSchedulerDoesWhatIsAsked() async throws {
        let isBroken = Counter()
        let receiver = TestServer { _ in .answer(http(isBroken.value == 0 ? 500 : 200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                var ids: [TaskID] = []
                for _ in 0..<30 {
                    var draft = TaskDraft.post(receiver.url())
                    draft.maxRetries = 0
                    ids.append(try await scheduler.accept(draft).id)
                }
                try await eventually { try await scheduler.countDeadLetters(DeadLetterFilter()) == Estimate(30) }
                isBroken.add()
                let problem = await #expect(throws: ValidationError.self) {
                    _ = try await scheduler.startBulkRetry(DeadLetterFilter(), perSecond: 1001, by: "")
                }
                #expect(problem?.problems.map(\.field) == ["per_second"])
                let operation = try await scheduler.startBulkRetry(DeadLetterFilter(), perSecond: 1000, by: "admin")
                try await eventually { try database.count("tasks WHERE state = 1") == 30 }
                try await eventually { try await scheduler.bulkOperation(operation.id)?.state == .done }
                #expect(try await scheduler.bulkOperations(limit: 5).map(\.done) == [30])
                #expect(try await scheduler.deadLetters(DeadLetterFilter(), before: nil, limit: 10).letters.isEmpty)
                #expect(try database.count("attempts") == 60)
                #expect(try RollupTests.miscounted(database) == [])
                await #expect(throws: SchedulerError.unknownOperation(77)) {
                    _ = try await scheduler.cancelBulkOperation(77)
                }
            }
        }
    }

    @Test func noMoreThanTenRunAtOnce() async throws {
        try await StoreFixture.with { bench in
            for _ in 0..<BulkOperation.mostRunning { _ = try await Self.start(bench) }
            #expect(try await bench.store.insertBulkRetry(DeadLetterFilter(), perSecond: 1, by: "") == nil)
            _ = try await bench.store.cancelBulkOperation(1)
            #expect(try await bench.store.insertBulkRetry(DeadLetterFilter(), perSecond: 1, by: "") != nil)
        }
    }
}
