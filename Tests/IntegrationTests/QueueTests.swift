import MySQL
import Scheduler
import TestSupport
import Testing

/// Queues that are paused and go on, and what is told of them.
@Suite struct QueueTests {
    static func draft(_ receiver: TestServer, queue: String, in delay: Duration = .zero) -> TaskDraft {
        var draft = TaskDraft.post(receiver.url("/" + queue), in: delay)
        draft.queue = queue
        return draft
    }

    /// Polls, but not often enough for a test: what happens at once happens for another reason.
    static func patient(_ configuration: inout Configuration) {
        Configuration.farsighted(&configuration)
        configuration.claim.sweepInterval = .seconds(3600)
    }

    @Test func aPausedQueueIsNotCalledAndTheOthersAre() async throws {
        let receiver = TestServer { _ in .answer(http(200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database, Self.patient) { scheduler in
                let first = try await scheduler.accept(Self.draft(receiver, queue: "still", in: .later))
                #expect(try await scheduler.pause(queue: "still").pausedAt != nil)
                // The instance has seen it.
                try await eventually { try database.count("ready") == 1 }
                for _ in 0..<5 { _ = try await scheduler.accept(Self.draft(receiver, queue: "still")) }
                let due = try await scheduler.accept(Self.draft(receiver, queue: "still", in: .milliseconds(300)))
                for _ in 0..<5 { _ = try await scheduler.accept(Self.draft(receiver, queue: "busy")) }
                try await eventually { try database.count("tasks WHERE state = 1") >= 5 }
                try await eventually { Timestamp.now > due.task.planTime + .milliseconds(300) }
                #expect(try database.count("claims") == 0)
                #expect(Set(receiver.log.requests.map(\.path)) == ["/busy"])
                let status = try #require(try await scheduler.queues(limit: 10).first { $0.name == "still" })
                #expect(status.waiting == Estimate(7))
                #expect(status.overdue == Estimate(6))
                #expect(status.nextDue.map { $0 < .now } == true)
                _ = try await scheduler.runNow(first.id)
                #expect(try await scheduler.task(first.id).state == .scheduled)

                let resumed = try await scheduler.resume(queue: "still")
                #expect(resumed.pausedAt == nil)
                try await eventually { try database.count("tasks WHERE state = 1") == 12 }
                #expect(receiver.taskIDs.count == 12)
                #expect(Set(receiver.taskIDs).count == 12)
            }
        }
    }

    @Test func everyInstanceGivesBackWhatItHolds() async throws {
        let receiver = TestServer { _ in .answer(http(200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database, Configuration.farsighted) { first in
                try await RunningScheduler.with(database, Configuration.farsighted) { second in
                    for number in 0..<1200 {
                        let queue = number % 3 == 0 ? "still" : "busy"
                        let scheduler = number % 2 == 0 ? first : second
                        _ = try await scheduler.accept(Self.draft(receiver, queue: queue, in: .later))
                    }
                    #expect(try database.count("claims") == 1200)
                    _ = try await second.pause(queue: "still")
                    _ = try await second.pause(queue: "still")
                    try await eventually { try database.count("ready") == 400 }
                    #expect(try database.count("claims") == 800)
                    #expect(
                        try database.count("claims c JOIN queues q ON q.id = c.queue_id WHERE q.name = 'still'") == 0)
                    // The wheels have room for others again, and so have the queues that go on.
                    _ = try await first.resume(queue: "still")
                    try await eventually { try database.count("claims") == 1200 }
                    let ids = try await first.tasks(TaskFilter(), before: nil, limit: 1200).tasks.map(\.id)
                    for id in ids { _ = try await second.runNow(id) }
                    try await eventually { try database.count("tasks WHERE state = 1") == 1200 }
                    #expect(receiver.taskIDs.count == 1200)
                }
            }
        }
    }

    @Test func retriesOfAPausedQueueWaitAndWhatRunsGoesOn() async throws {
        let receiver = TestServer { request in
            switch request.path {
            case "/release": .release(http(500))
            default: request.header("X-Task-Attempt") == "1" ? .hold(http(500)) : .answer(http(200))
            }
        }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database, Self.patient) { scheduler in
                var draft = Self.draft(receiver, queue: "still")
                draft.retryDelays = [0]
                let id = try await scheduler.accept(draft).id
                try await eventually { receiver.log.requests.count == 1 }
                #expect(try await scheduler.pause(queue: "still").running == 1)
                var release = Self.draft(receiver, queue: "release")
                release.retryDelays = []
                _ = try await scheduler.accept(release)
                try await eventually { try database.count("attempts") == 2 }
                try await eventually { try database.count("ready") == 1 }
                #expect(try await scheduler.task(id).state == .retrying)
                #expect(receiver.log.requests.count == 2)
                _ = try await scheduler.resume(queue: "still")
                try await eventually { try await scheduler.task(id).state == .succeeded }
                #expect(try await scheduler.task(id).attempt == 2)
            }
        }
    }

    @Test func whatIsTooMuchToBeCountedIsEstimated() async throws {
        try await StoreFixture.with { bench in
            let incarnation = try await bench.register()
            _ = try await bench.store.queueID("empty")
            let soon = bench.task(.scheduled, in: .seconds(100))
            try await bench.store.insert([
                soon, bench.task(.ready), bench.task(.ready, in: .seconds(50)),
                bench.task(.claimed(incarnation), in: .seconds(20)),
            ])
            _ = try await bench.started(2, by: incarnation)
            try bench.database.change(
                "INSERT INTO dead_letters VALUES (\(soon.id), \(bench.queueID), UTC_TIMESTAMP(6), '')")
            var statuses = try await bench.store.queueStatuses(
                now: soon.task.planTime - .seconds(99), .after("", limit: 10))
            #expect(statuses.map(\.name) == ["default", "empty"])
            #expect(statuses[0].waiting == Estimate(3))
            #expect(statuses[0].overdue == Estimate(1))
            #expect(statuses[0].dead == Estimate(1))
            #expect((statuses[0].claimed, statuses[0].running) == (1, 2))
            #expect(statuses[0].nextDue.map { $0 < .now } == true)
            let empty = statuses[1]
            #expect([empty.waiting, empty.overdue, empty.dead] == [Estimate(0), Estimate(0), Estimate(0)])
            #expect(empty.nextDue == nil)

            // 2 to the power of 14 of each.
            for round in 0..<14 {
                let id = "UNHEX(LEFT(SHA2(CONCAT(task_id, \(round)), 256), 32))"
                for (table, columns) in [
                    (
                        "scheduled",
                        "queue_id, plan_time + INTERVAL \(1 << round) SECOND, \(id)"
                    ),
                    (
                        "dead_letters",
                        "\(id), queue_id, died_at, reason"
                    ),
                ] {
                    try bench.database.change(
                        Query(stringLiteral: "INSERT INTO \(table) SELECT \(columns) FROM \(table)"))
                }
            }
            try bench.database.change("ANALYZE TABLE scheduled, dead_letters")
            statuses = try await bench.store.queueStatuses(
                now: soon.task.planTime + .seconds(100), .after("", limit: 10))
            for estimate in [statuses[0].waiting, statuses[0].dead] {
                #expect(!estimate.isExact)
                #expect((12_000...22_000).contains(estimate.count), "\(estimate)")
            }
            // The due ones come first, and are counted.
            #expect(statuses[0].overdue == Estimate(103))
            let all = try await bench.store.queueStatuses(now: .now + .seconds(1_000_000), .after("", limit: 10))
            #expect(!all[0].overdue.isExact)
            #expect((12_000...22_000).contains(all[0].overdue.count), "\(all[0].overdue)")
            #expect(all[1] == empty)
        }
    }

    @Test func theyAreListedInPages() async throws {
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                for name in ["b", "a", "c"] { _ = try await scheduler.createQueue(name, QueuePatch()) }
                #expect(try await scheduler.queues(limit: 2).map(\.name) == ["a", "b"])
                #expect(try await scheduler.queues(after: "b", limit: 2).map(\.name) == ["c", "default"])
                #expect(try await scheduler.queues(after: "default", limit: 2).isEmpty)
            }
        }
    }

    @Test func instancesAreListedTheLivingFirst() async throws {
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database, { $0.instanceName = "gone" }) { _ in }
            try await RunningScheduler.with(database, { $0.instanceName = "other" }) { other in
                try await RunningScheduler.with(database, Configuration.farsighted) { own in
                    _ = try await own.accept(.post("http://127.0.0.1:1/", in: .later))
                    // Whoever looks for work ends what is left of the one that has left.
                    try await eventually { try database.count("instances WHERE ended_at IS NOT NULL") == 1 }
                    try database.change(
                        """
                        INSERT INTO instances (name, version, started_at, heartbeat_at, lease_until, ended_at)
                        SELECT 'old', version, started_at, heartbeat_at, lease_until, UTC_TIMESTAMP(6) - INTERVAL 25 HOUR
                        FROM instances WHERE name = 'gone'
                        """)
                    let (now, instances) = try await own.instances()
                    #expect(instances.map(\.name) == ["other", "test", "gone"])
                    #expect(instances.map(\.isOwn) == [false, true, false])
                    #expect(instances.map(\.claimed) == [0, 1, 0])
                    #expect(instances.map(\.running) == [0, 0, 0])
                    #expect(instances[0].leaseUntil > now)
                    #expect(instances.map { $0.endedAt == nil } == [true, true, false])
                    #expect(try await other.instances().instances.map(\.isOwn) == [true, false, false])
                    // One page after the other.
                    var (pages, cursor): ([String], InstanceCursor?) = ([], nil)
                    repeat {
                        let page = try await own.instances(after: cursor, limit: 1).instances
                        pages += page.map(\.name)
                        cursor = page.last.map { InstanceCursor(after: $0) }
                    } while cursor != nil
                    #expect(pages == ["other", "test", "gone"])
                }
            }
        }
    }

    @Test func aQueueThatIsNotThereIsNamed() async throws {
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                await #expect(throws: SchedulerError.unknownQueue("nowhere")) {
                    try await scheduler.pause(queue: "nowhere")
                }
                await #expect(throws: SchedulerError.unknownQueue("nowhere")) {
                    try await scheduler.resume(queue: "nowhere")
                }
                let queues = try await scheduler.queues(limit: 10)
                #expect(queues.map(\.name) == ["default"])
            }
        }
    }
}
