import MySQL
import Scheduler
import TestSupport
import Testing

/// Limits of queues in a cluster, their settings, and what is done to all that is in one.
@Suite struct QueueLimitTests {
    static func draft(_ receiver: TestServer, queue: String, in delay: Duration = .zero) -> TaskDraft {
        var draft = TaskDraft.post(receiver.url("/" + queue), in: delay)
        draft.queue = queue
        return draft
    }

    static func patch(_ change: (inout QueuePatch) -> Void) -> QueuePatch {
        var patch = QueuePatch()
        change(&patch)
        return patch
    }

    @Test func noMoreCallsAreInFlightThanTheLimitAndItCanBeRaised() async throws {
        let receiver = TestServer { request in
            switch request.path {
            case "/release": .release(http(200))
            case "/narrow": .hold(http(200))
            default: .answer(http(200))
            }
        }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { first in
                _ = try await first.createQueue("narrow", Self.patch { $0.maxConcurrency = .some(3) })
                try await RunningScheduler.with(database) { second in
                    let running = { receiver.log.requests.count { $0.path == "/narrow" } }
                    for number in 0..<12 {
                        var draft = Self.draft(receiver, queue: "narrow")
                        // None ends by itself while the test looks.
                        draft.timeoutMilliseconds = 300_000
                        _ = try await (number % 2 == 0 ? first : second).accept(draft)
                    }
                    try await eventually { running() == 3 }
                    // Others are called beside them; by the time of the last, a fourth would have been.
                    for _ in 0..<30 { _ = try await second.accept(Self.draft(receiver, queue: "wide")) }
                    try await eventually { try database.count("tasks WHERE state = 1") == 30 }
                    #expect(running() == 3)
                    #expect(try database.count("claims WHERE started_at IS NULL") == 0)
                    let shares = try database.count("queue_shares WHERE slots > 0")
                    #expect(shares == 2)
                    _ = try await second.changeQueue("narrow", Self.patch { $0.maxConcurrency = .some(7) })
                    try await eventually { running() == 7 }
                    _ = try await first.changeQueue("narrow", Self.patch { $0.maxConcurrency = .some(nil) })
                    try await eventually { running() == 12 }
                    _ = try await first.accept(Self.draft(receiver, queue: "release"))
                    try await eventually { try database.count("tasks WHERE state = 1") == 43 }
                }
            }
        }
    }

    @Test func callsOfARatedQueueComeOneAfterTheOther() async throws {
        let receiver = TestServer { _ in .answer(http(200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { first in
                try await RunningScheduler.with(database) { second in
                    _ = try await first.createQueue(
                        "rated", Self.patch { ($0.ratePerSecond, $0.burst) = (.some(20), .some(2)) })
                    for number in 0..<30 {
                        _ = try await (number % 2 == 0 ? first : second).accept(Self.draft(receiver, queue: "rated"))
                    }
                    try await eventually { try database.count("tasks WHERE state = 1") == 30 }
                    // Thirty at 20 a second, two of them at once, take 1.4 s; at twice the rate, 0.7 s.
                    let span: Query =
                        "SELECT TIMESTAMPDIFF(MICROSECOND, MIN(started_at), MAX(started_at)) FROM attempts"
                    #expect(try database.connect().run(span).rows[0].integer(0) >= 1_000_000)
                }
            }
        }
    }

    @Test func settingsAreKeptAndTasksTakeThem() async throws {
        let receiver = TestServer { _ in .answer(http(200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                let made = try await scheduler.createQueue(
                    "mail",
                    Self.patch { patch in
                        (patch.priority, patch.weight, patch.ratePerSecond) = (7, 3, .some(0.25))
                        patch.retry = .some(.init(maxRetries: 4, delays: [1, 2.5]))
                        patch.timeoutMilliseconds = .some(1234)
                        var conditions = SuccessConditions()
                        conditions.bodyContains = "fine"
                        patch.success = .some(.init(conditions: conditions))
                    })
                #expect((made.settings.priority, made.settings.weight, made.settings.ratePerSecond) == (7, 3, 0.25))
                #expect(try await scheduler.queue("mail") == made)
                await #expect(throws: SchedulerError.queueExists("mail")) {
                    try await scheduler.createQueue("mail", QueuePatch())
                }
                let task = try await scheduler.accept(Self.draft(receiver, queue: "mail", in: .later)).task
                #expect(
                    task.retrySchedule == RetrySchedule(maxRetries: 4, delays: [.seconds(1), .milliseconds(2500)]))
                #expect(task.timeout == .milliseconds(1234))
                #expect(task.successRule == made.settings.defaults.successRule)
                await #expect(throws: SchedulerError.queueNotEmpty("mail")) {
                    try await scheduler.deleteQueue("mail")
                }
                let purge = try await scheduler.purge(queue: "mail", by: "test")
                #expect(purge.requestedBy == "test")
                try await eventually { try await scheduler.bulkOperation(purge.id)?.state == .done }
                #expect(try await scheduler.bulkOperation(purge.id)?.done == 1)
                try await scheduler.deleteQueue("mail")
                #expect(try await scheduler.queues(limit: 10).map(\.name) == ["default"])
                await #expect(throws: SchedulerError.unknownQueue("mail")) { try await scheduler.queue("mail") }
                await #expect(throws: SchedulerError.unknownQueue("mail")) {
                    try await scheduler.changeQueue("mail", QueuePatch())
                }
                // Its finished tasks have its name, and a new one brings it back without its settings.
                let finished = try await scheduler.tasks(TaskFilter(), before: nil, limit: 9).tasks
                #expect(finished.map(\.task.queue) == ["mail"])
                _ = try await scheduler.accept(Self.draft(receiver, queue: "mail", in: .later))
                #expect(try await scheduler.queue("mail").settings == QueueSettings())
            }
        }
    }

    @Test func aPurgeCancelsWhatWaitsWhereverItIsAndNothingElse() async throws {
        let receiver = TestServer { request in request.path == "/held" ? .hold(http(200)) : .answer(http(200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database, Configuration.farsighted) { first in
                try await RunningScheduler.with(database, Configuration.farsighted) { second in
                    var held = Self.draft(receiver, queue: "held")
                    // It is running when all others are made, however long that takes.
                    held.timeoutMilliseconds = 300_000
                    _ = try await first.accept(held)
                    try await eventually { receiver.log.requests.count == 1 }
                    for number in 0..<1300 {
                        _ = try await (number % 2 == 0 ? first : second).accept(
                            Self.draft(
                                receiver, queue: "held", in: number % 3 == 0 ? .seconds(90_000) : .later))
                    }
                    _ = try await first.accept(Self.draft(receiver, queue: "other", in: .later))
                    let operation = try await second.purge(queue: "held", by: "test")
                    try await eventually { try await second.bulkOperation(operation.id)?.state == .done }
                    #expect(try await second.bulkOperation(operation.id)?.done == 1300)
                    #expect(try database.count("tasks WHERE state = 4 AND finished_at IS NOT NULL") == 1300)
                    #expect(
                        try database.count("claims c JOIN queues q ON q.id = c.queue_id WHERE q.name = 'held'") == 1)
                    #expect(try database.count("scheduled") == 0)
                    #expect(try await first.queue("other").claimed == 1)
                    #expect(try await first.queue("held").running == 1)
                }
            }
        }
    }

    @Test func queuesAreMadeByHandWhereTheConfigurationSaysSo() async throws {
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database, { $0.intake.makesQueues = false }) { scheduler in
                func accept(_ queue: String?) async throws -> TaskRecord {
                    var draft = TaskDraft.post("http://127.0.0.1:1/", in: .later)
                    draft.queue = queue
                    return try await scheduler.accept(draft)
                }
                _ = try await accept(nil)
                await #expect {
                    _ = try await accept("mail")
                } throws: { error in
                    (error as? ValidationError)?.problems.map(\.field) == ["queue"]
                }
                _ = try await scheduler.createQueue("mail", QueuePatch())
                #expect(try await accept("mail").task.queue == "mail")
            }
        }
    }
}
