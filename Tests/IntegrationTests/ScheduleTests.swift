import MySQL
import Scheduler
import TestSupport
import Testing

/// The way of a task from far ahead to its call, and back when the instance leaves.
@Suite struct ScheduleTests {
    static func impatient(_ configuration: inout Configuration) {
        configuration.claim.lookahead = .milliseconds(400)
        configuration.claim.pollMax = .milliseconds(20)
        configuration.claim.readyPoll = .milliseconds(20)
    }

    @Test func whatIsFarAheadIsClaimedWhenTheLookaheadReachesIt() async throws {
        let receiver = TestServer { _ in .answer(http(200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database, Self.impatient) { scheduler in
                let accepted = try await scheduler.accept(.post(receiver.url(), in: .seconds(10)))
                #expect(accepted.state == .scheduled)
                try await eventually { try await scheduler.task(accepted.id).state != .scheduled }
                // By the rule, and by a millisecond for the clocks.
                #expect(Timestamp.now >= accepted.task.planTime - .milliseconds(401))
                #expect(try database.count("scheduled") == 0)
                try await eventually { try await scheduler.task(accepted.id).state == .succeeded }
                let attempts = try await scheduler.attempts(of: accepted.id, after: 0, limit: 10)
                #expect(attempts[0].startedAt >= accepted.task.planTime)
            }
        }
    }

    @Test func nothingIsCalledBeforeItsTime() async throws {
        let clock = HostClock()
        let receiver = TestServer { _ in .answer(http(200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database, Self.impatient) { scheduler in
                var planTimes: [TaskID: Timestamp] = [:]
                // For the wheel, for `scheduled`, and in between.
                for number in 0..<40 {
                    let accepted = try await scheduler.accept(.post(receiver.url(), in: .milliseconds(60 * number)))
                    planTimes[accepted.id] = accepted.task.planTime
                }
                try await eventually { try database.count("tasks WHERE state = 1") == 40 }
                let calls = receiver.log.requests
                #expect(calls.count == 40)
                for (id, call) in zip(receiver.taskIDs, calls) {
                    let planTime = try #require(planTimes[id])
                    #expect(clock.time(of: call.arrivedAt) >= planTime)
                }
            }
        }
    }

    @Test func anOverfullWheelLeavesTheRestToLaterAndLosesNothing() async throws {
        let receiver = TestServer { _ in .answer(http(200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            let narrow: (inout Configuration) -> Void = { configuration in
                configuration.claim.highWatermark = 20
                configuration.claim.lowWatermark = 5
                configuration.claim.batch = 7
                configuration.claim.readyPoll = .milliseconds(10)
                configuration.claim.sweepInterval = .seconds(3600)
                configuration.dispatch.maxInFlight = 4
                configuration.start.batch = 3
            }
            try await RunningScheduler.with(database, narrow) { scheduler in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<400 {
                        group.addTask {
                            var draft = TaskDraft.post(receiver.url(), in: .milliseconds(number % 40 * 10))
                            draft.queue = "q\(number % 30)"
                            _ = try await scheduler.accept(draft)
                        }
                    }
                    try await group.waitForAll()
                }
                try await eventually { try database.count("tasks WHERE state = 1") == 400 }
            }
            #expect(Set(receiver.taskIDs).count == 400)
            #expect(receiver.taskIDs.count == 400)
        }
    }

    @Test func drainGivesBackWhatIsNotStarted() async throws {
        let receiver = TestServer { _ in .answer(http(200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database, Configuration.farsighted) { scheduler in
                for _ in 0..<20 { _ = try await scheduler.accept(.post(receiver.url(), in: .later)) }
                #expect(try database.count("claims") == 20)
            }
            #expect(try database.count("claims") == 0)
            #expect(try database.count("ready") == 20)
            #expect(try database.count("tasks WHERE state = 0 AND attempt = 0 AND entered_at IS NOT NULL") == 20)
            #expect(try database.count("instances WHERE lease_until <= UTC_TIMESTAMP(6)") == 1)
            // The next takes them up, and they can be steered from where they are.
            try await RunningScheduler.with(database, Configuration.farsighted) { scheduler in
                try await eventually { try database.count("claims") == 20 }
                for task in try await scheduler.tasks(TaskFilter(), before: nil, limit: 100).tasks {
                    _ = try await scheduler.runNow(task.id)
                }
                try await eventually { try database.count("tasks WHERE state = 1") == 20 }
            }
            #expect(Set(receiver.taskIDs).count == 20)
            #expect(receiver.taskIDs.count == 20)
        }
    }

    @Test func drainLetsWhatRunsEnd() async throws {
        let receiver = TestServer { $0.path == "/release" ? .release(http(200)) : .hold(http(200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await withThrowingTaskGroup(of: Void.self) { group in
                try await RunningScheduler.with(database, Configuration.farsighted) { scheduler in
                    _ = try await scheduler.accept(.post(receiver.url("/held")))
                    _ = try await scheduler.accept(.post(receiver.url("/later"), in: .later))
                    try await eventually { receiver.log.requests.count == 1 }
                    // Answered only when the drain has begun, which the row that is given back shows.
                    group.addTask {
                        try await eventually { try database.count("ready") == 1 }
                        try await RunningScheduler.with(database, { $0.claim.lookahead = .milliseconds(1) }) { other in
                            _ = try await other.accept(.post(receiver.url("/release")))
                            try await eventually { try database.count("tasks WHERE state = 1") == 2 }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try database.count("attempts WHERE class = 'success'") == 2)
            #expect(receiver.log.requests.map(\.path) == ["/held", "/release"])
        }
    }

    /// A drain ends by giving the lease up, which the loop that renews it may see before the drain is over.
    @Test func theEndOfTheLeaseIsNoNewBeginning() async throws {
        try await TestDatabase.migrated { database in
            for _ in 0..<20 {
                try await RunningScheduler.with(database, { $0.cluster.heartbeat = .microseconds(100) }) { _ in }
            }
            #expect(try database.count("instances") == 20)
        }
    }

    @Test func twoThousandFailAndAreRetried() async throws {
        let receiver = TestServer { request in
            .answer(request.header("X-Task-Attempt") == "1" ? http(500) : http(200))
        }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<2000 {
                        group.addTask {
                            var draft = TaskDraft.post(receiver.url())
                            draft.retryDelays = [0.05]
                            _ = try await scheduler.accept(draft)
                        }
                    }
                    try await group.waitForAll()
                }
                try await eventually { try database.count("tasks WHERE state = 1 AND attempt = 2") == 2000 }
            }
            #expect(try database.count("attempts WHERE attempt = 1 AND status = 500") == 2000)
            #expect(try database.count("attempts WHERE attempt = 2 AND status = 200") == 2000)
            let early = """
                attempts a JOIN attempts b ON b.task_id = a.task_id AND b.attempt = a.attempt + 1
                WHERE b.started_at < a.started_at + INTERVAL a.duration_us + 45000 MICROSECOND
                """
            #expect(try database.count(early) == 0)
            #expect(receiver.taskIDs.count == 4000)
            #expect(Set(receiver.taskIDs).count == 2000)
        }
    }
}
