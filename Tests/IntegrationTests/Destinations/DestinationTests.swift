import MySQL
import Scheduler
import Synchronization
import TestSupport
import Testing

/// What destinations let through, in running schedulers.
@Suite struct DestinationTests {
    /// A receiver that can be told to work or to fail.
    final class Receiver: Sendable {
        let server: TestServer
        private let answer: Answer

        final class Answer: Sendable {
            let text: Mutex<String>
            init(_ text: String) { self.text = Mutex(text) }
        }

        init(_ text: String) {
            let answer = Answer(text)
            self.answer = answer
            server = TestServer { _ in .answer(answer.text.withLock { $0 }) }
        }

        func answers(_ text: String) { answer.text.withLock { $0 = text } }
        var calls: Int { server.log.requests.count }
    }

    private static func draft(_ server: TestServer, retries: Int = 3) -> TaskDraft {
        var draft = TaskDraft.post(server.url())
        (draft.maxRetries, draft.retryDelays) = (retries, [0.1])
        // What is held stays so.
        draft.timeoutMilliseconds = 600_000
        return draft
    }

    /// Lets the server answer all that it holds.
    private static func release(_ server: TestServer) async throws {
        try await onThread { try HTTPCall.visit(port: Int(server.port), "/release") }
    }

    private static func quick(_ configuration: inout Configuration) {
        configuration.dispatch.maxInFlight = 4
        configuration.breaker.settings.failures = 3
        configuration.breaker.settings.interval = .milliseconds(200)
        configuration.breaker.settings.longestInterval = .milliseconds(400)
    }

    @Test(arguments: [500, 503])
    func whatFailsIsLeftAloneAndNothingIsLostByIt(_ status: Int) async throws {
        let (failing, healthy) = (Receiver(http(status)), Receiver(http()))
        defer { for receiver in [failing, healthy] { receiver.server.stop() } }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database, Self.quick) { scheduler in
                for _ in 0..<30 { _ = try await scheduler.accept(Self.draft(failing.server, retries: 50)) }
                try await eventually { try database.count("tasks WHERE deferred_from IS NOT NULL") >= 20 }
                try await eventually { try database.count("destinations WHERE failing_since IS NOT NULL") == 1 }
                // Others are called meanwhile.
                for _ in 0..<30 { _ = try await scheduler.accept(Self.draft(healthy.server)) }
                try await eventually { try database.count("tasks WHERE state = 1") == 30 }
                failing.answers(http())
                try await eventually { try database.count("tasks WHERE state = 1") == 60 }
                // Each attempt is a call, and each call an attempt.
                #expect(try database.count("attempts WHERE class <> 'lost'") == failing.calls + healthy.calls)
                #expect(
                    try database.count(
                        "(SELECT SUM(attempt) n FROM tasks) a JOIN (SELECT COUNT(*) n FROM attempts) b ON a.n = b.n")
                        == 1)
                try await eventually { try database.count("destinations WHERE failing_since IS NOT NULL") == 0 }
            }
        }
    }

    /// Its slots hang; then no more than these are used, and the others are put off.
    @Test func oneThatHangsHasNotAllTheCalls() async throws {
        let hanging = TestServer { request in
            request.path == "/release" ? .release(http()) : .hold(http())
        }
        let healthy = Receiver(http())
        defer { for server in [hanging, healthy.server] { server.stop() } }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(
                database, { ($0.dispatch.maxInFlight, $0.dispatch.destinationSharePercent) = (8, 75) }
            ) { scheduler in
                for _ in 0..<40 { _ = try await scheduler.accept(Self.draft(hanging)) }
                try await eventually { try database.count("tasks WHERE deferred_from IS NOT NULL") == 34 }
                #expect(hanging.log.requests.count == 6)
                for _ in 0..<30 { _ = try await scheduler.accept(Self.draft(healthy.server)) }
                try await eventually { try database.count("tasks WHERE state = 1") == 30 }
                #expect(hanging.log.requests.count == 6)
                // Who is released makes room for the others, which are held in their turn.
                try await eventually {
                    try await Self.release(hanging)
                    return try database.count("tasks WHERE state = 1") == 70
                }
            }
        }
    }

    private static func limited(to limit: Int?) -> DestinationRecord.Settings {
        var settings = DestinationRecord.Settings()
        settings.maxConcurrency = limit
        return settings
    }

    @Test func noMoreCallsAtOnceThanTheLimitOfAllInstances() async throws {
        let receiver = TestServer { request in request.path == "/release" ? .release(http()) : .hold(http()) }
        let healthy = Receiver(http())
        defer { for server in [receiver, healthy.server] { server.stop() } }
        func change(_ configuration: inout Configuration) {
            // A share grows when all others must have seen why, which is not to be within this test.
            configuration.cluster.lease = .seconds(80)
            configuration.cluster.heartbeat = .seconds(1)
        }
        try await TestDatabase.migrated { database in
            let settings = Self.limited(to: 5)
            // Those that begin afterwards call nothing before they know of it.
            try await RunningScheduler.with(database) { scheduler in
                let made = try await scheduler.setDestination(receiver.url(), settings)
                #expect(made.isNew)
            }
            try await RunningScheduler.with(database, change) { first in
                try await RunningScheduler.with(database, change) { second in
                    for number in 0..<16 {
                        _ = try await (number % 2 == 0 ? first : second).accept(Self.draft(receiver))
                    }
                    try await eventually { receiver.log.requests.count == 5 }
                    try await eventually { try database.count("tasks WHERE deferred_from IS NOT NULL") == 11 }
                    for _ in 0..<30 { _ = try await second.accept(Self.draft(healthy.server)) }
                    try await eventually { try database.count("tasks WHERE state = 1") == 30 }
                    #expect(receiver.log.requests.count == 5)
                    let changed = try await second.setDestination(receiver.url(), Self.limited(to: nil))
                    #expect(!changed.isNew)
                    try await eventually {
                        try await Self.release(receiver)
                        return try database.count("tasks WHERE state = 1") == 46
                    }
                }
            }
        }
    }

    @Test func aPausedOneIsNotCalledUntilItIsResumed() async throws {
        let (paused, healthy) = (Receiver(http()), Receiver(http()))
        defer { for receiver in [paused, healthy] { receiver.server.stop() } }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                _ = try await scheduler.setDestination(paused.server.url(), .init())
                _ = try await scheduler.pauseDestination(paused.server.url(), reason: "noon")
                // It takes effect with the next look, at which this instance is told to begin.
                try await eventually {
                    let task = try await scheduler.accept(Self.draft(paused.server))
                    try await eventually {
                        let record = try await scheduler.task(task.id)
                        return record.state.isFinished || record.deferredFrom != nil
                    }
                    return try await !scheduler.task(task.id).state.isFinished
                }
                let calls = paused.calls
                let waiting = try await scheduler.accept(Self.draft(paused.server))
                try await eventually { try await scheduler.task(waiting.id).deferredFrom != nil }
                _ = try await scheduler.accept(Self.draft(healthy.server))
                try await eventually { healthy.calls == 1 }
                #expect(paused.calls == calls)
                #expect(try await scheduler.task(waiting.id).attempt == 0)
                let resumed = try await scheduler.resumeDestination(paused.server.url())
                #expect(resumed.pausedAt == nil && resumed.pauseReason == nil)
                // What waits comes back within minutes, or now by hand.
                try await eventually {
                    if try await scheduler.task(waiting.id).state == .succeeded { return true }
                    do {
                        _ = try await scheduler.runNow(waiting.id)
                    } catch SchedulerError.conflict {
                        // It is being called.
                    }
                    return false
                }
                #expect(try await scheduler.task(waiting.id).deferredFrom == nil)
            }
        }
    }

    /// Its answers ask for a pause, which holds for all of its tasks and not only for the one that was answered.
    @Test func retryAfterHoldsForAllOfItsTasks() async throws {
        let receiver = Receiver(http(429, ["Retry-After: 3000"]))
        defer { receiver.server.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(
                database,
                { configuration in
                    configuration.dispatch.maxInFlight = 2
                    configuration.breaker.settings.failures = 0
                    configuration.breaker.settings.longestInterval = .seconds(3600)
                }
            ) { scheduler in
                for _ in 0..<20 { _ = try await scheduler.accept(Self.draft(receiver.server)) }
                try await eventually {
                    try database.count(
                        """
                        tasks WHERE attempt = 0 AND deferred_from IS NOT NULL
                          AND plan_time > UTC_TIMESTAMP() + INTERVAL 40 MINUTE
                        """) >= 15
                }
                #expect(receiver.calls <= 5)
            }
        }
    }
}
