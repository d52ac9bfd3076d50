import MySQL
import Scheduler
import TestSupport
import Testing

/// What an instance left behind that died, and what becomes of it.
@Suite struct RecoveryTests {
    /// Lets an incarnation's lease run out.
    static func expire(_ incarnation: UInt64, in bench: StoreFixture) throws {
        try bench.database.change(
            """
            UPDATE instances SET lease_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE incarnation = \(incarnation)
            """)
    }

    @Test func whatWasNotStartedRunsWithoutHavingUsedAnAttempt() async throws {
        let receiver = TestServer { _ in .answer(http(200)) }
        defer { receiver.stop() }
        try await StoreFixture.with { bench in
            let dead = try await bench.register()
            let tasks = (0..<600).map { _ in bench.task(.claimed(dead), url: receiver.url()) }
            try await bench.store.insert(tasks)
            try Self.expire(dead, in: bench)
            try await RunningScheduler.with(bench.database) { _ in
                try await eventually { try bench.database.count("tasks WHERE state = 1") == tasks.count }
            }
            #expect(try bench.database.count("tasks WHERE attempt = 1") == tasks.count)
            #expect(try bench.database.count("attempts WHERE attempt = 1 AND class = 'success'") == tasks.count)
            #expect(try bench.database.count("attempts") == tasks.count)
            #expect(receiver.taskIDs.sorted() == tasks.map(\.id).sorted())
            #expect(try bench.database.count("instances WHERE incarnation = \(dead) AND ended_at IS NOT NULL") == 1)
        }
    }

    @Test func whatWasRunningIsLostAndRunsAgain() async throws {
        let receiver = TestServer { _ in .answer(http(200)) }
        defer { receiver.stop() }
        try await StoreFixture.with { bench in
            let dead = try await bench.register()
            let again = bench.task(.claimed(dead), url: receiver.url("/again"))
            let parked = bench.task(.claimed(dead), url: receiver.url("/parked"), onLost: .dead)
            let spent = bench.task(.claimed(dead), url: receiver.url("/spent"), retries: 0)
            let tasks = [again, parked, spent]
            try await bench.store.insert(tasks)
            let started = try await bench.store.start(
                tasks.map(\.placement.wheelEntry), incarnation: dead, now: .now)
            #expect(started.count == 3)
            try Self.expire(dead, in: bench)
            try await RunningScheduler.with(bench.database) { scheduler in
                try await eventually {
                    for task in tasks where try await !scheduler.task(task.id).state.isFinished { return false }
                    return true
                }
                #expect(try await scheduler.task(again.id).state == .succeeded)
                #expect(try await scheduler.task(again.id).attempt == 2)
                let attempts = try await scheduler.attempts(of: again.id, after: 0, limit: 10)
                #expect(attempts.map(\.outcomeClass) == ["lost", "success"])
                #expect(attempts[0].incarnation == dead)
                #expect(attempts[1].incarnation != dead)
                for (task, naming) in [(parked, "is not known"), (spent, "no retry is left")] {
                    #expect(try await scheduler.task(task.id).state == .dead)
                    let attempts = try await scheduler.attempts(of: task.id, after: 0, limit: 10)
                    #expect(attempts.map(\.outcomeClass) == ["lost"])
                    let query: Query = "SELECT reason FROM dead_letters WHERE task_id = \(task.id)"
                    #expect(try bench.database.connect().run(query).rows[0].text(0).contains(naming))
                }
            }
            #expect(receiver.log.requests.map(\.path) == ["/again"])
            #expect(receiver.log.requests.first?.header("X-Task-Attempt") == "2")
        }
    }

    @Test func theLivingAreLeftAlone() async throws {
        try await StoreFixture.with { bench in
            let alive = try await bench.register()
            try await bench.store.insert([bench.task(.claimed(alive))])
            let recovered = try await bench.store.recover(alive, limit: 10, now: .now) {
                $0.outcome(now: .now, incarnation: alive)
            }
            #expect(recovered == nil)
            #expect(try bench.database.count("claims") == 1)
        }
    }

    @Test func manyAtOnceRecoverEachTaskOnce() async throws {
        try await StoreFixture.with { bench in
            let dead = try await bench.register()
            let tasks = (0..<300).map { _ in bench.task(.claimed(dead)) }
            try await bench.store.insert(tasks)
            try Self.expire(dead, in: bench)
            let total = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        var count = 0
                        while try bench.database.count("instances WHERE ended_at IS NULL") > 0 {
                            let batch = try await bench.store.recover(dead, limit: 20, now: .now) {
                                $0.outcome(now: .now, incarnation: dead)
                            }
                            count += batch?.count ?? 0
                        }
                        return count
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(total == tasks.count)
            #expect(try bench.database.count("ready") == tasks.count)
            #expect(try bench.database.count("claims") == 0)
        }
    }

    /// An instance that was stopped for longer than its lease finds itself fenced and begins anew.
    @Test func aFencedInstanceComesBackAsANewIncarnation() async throws {
        let receiver = TestServer { _ in .answer(http(200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            let watchful: (inout Configuration) -> Void = { configuration in
                Configuration.farsighted(&configuration)
                configuration.cluster.heartbeat = .milliseconds(50)
            }
            try await RunningScheduler.with(database, watchful) { scheduler in
                let id = try await scheduler.accept(.post(receiver.url(), in: .later)).id
                #expect(try database.count("claims WHERE incarnation = 1") == 1)
                try database.change("UPDATE instances SET lease_until = UTC_TIMESTAMP(6)")
                // It takes over from itself.
                try await eventually { try database.count("instances WHERE ended_at IS NOT NULL") == 1 }
                #expect(try database.count("claims WHERE incarnation = 1") == 0)
                _ = try await scheduler.runNow(id)
                try await eventually { try await scheduler.task(id).state == .succeeded }
                let attempts = try await scheduler.attempts(of: id, after: 0, limit: 10)
                #expect(attempts.map(\.attempt) == [1])
                #expect(attempts[0].incarnation > 1)
            }
        }
        #expect(receiver.log.requests.count == 1)
    }
}
