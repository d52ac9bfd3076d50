import MySQL
import Scheduler
import TestSupport
import Testing

/// Cancel, edit and run now against each other and against the start of the task.
@Suite struct SteeringTests {
    /// nil: it was in a state in which this cannot be done.
    static func attempt(_ steer: () async throws -> TaskRecord) async throws -> TaskRecord? {
        while true {
            do {
                return try await steer()
            } catch SchedulerError.conflict {
                return nil
            } catch SchedulerError.unavailable {
                // Nothing was done: a busy machine kept it waiting for a connection.
                continue
            }
        }
    }

    /// A cancel that was confirmed wins for certain; one that came too late says so.
    @Test func cancelAgainstStart() async throws {
        let receiver = TestServer { _ in .answer(http(200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                let results = try await withThrowingTaskGroup(of: (TaskID, Bool).self) { group in
                    for number in 0..<300 {
                        group.addTask {
                            let draft = TaskDraft.post(receiver.url(), in: .milliseconds(150 + number % 50))
                            let accepted = try await scheduler.accept(draft)
                            // About the moment at which it is started, before and after.
                            let wait = accepted.task.planTime - .now - .milliseconds(number % 30)
                            if wait > .zero { try await Task.sleep(for: wait) }
                            let cancelled = try await Self.attempt { try await scheduler.cancel(accepted.id) }
                            return (accepted.id, cancelled != nil)
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                try await eventually {
                    try database.count("tasks WHERE state IN (1, 4)") == results.count
                }
                let received = receiver.taskIDs
                #expect(received.count == Set(received).count)
                #expect(Set(received) == Set(results.filter { !$0.1 }.map(\.0)))
                #expect(try database.count("tasks WHERE state = 4") == results.count { $0.1 })
                #expect(try database.count("attempts") == received.count)
            }
        }
    }

    @Test func twoInstancesSteerTheSameTask() async throws {
        let receiver = TestServer { _ in .answer(http(200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database, Configuration.farsighted) { first in
                try await RunningScheduler.with(database, Configuration.farsighted) { second in
                    for round in 0..<30 {
                        let id = try await first.accept(.post(receiver.url("/before"), in: .later)).id
                        var patch = TaskPatch()
                        patch.url = receiver.url("/\(round)")
                        async let edited = Self.attempt { [patch] in try await first.edit(id, patch) }
                        async let cancelled = Self.attempt { try await second.cancel(id) }
                        async let hurried = Self.attempt { try await first.runNow(id) }
                        async let cancelledToo = Self.attempt { try await first.cancel(id) }
                        let cancels = try await [cancelled, cancelledToo].compactMap { $0 }
                        let done = try await cancels + [edited, hurried].compactMap { $0 }
                        _ = try await Self.attempt { try await second.runNow(id) }
                        try await eventually { try await first.task(id).state.isFinished }
                        let task = try await second.task(id)
                        #expect(cancels.count == (task.state == .cancelled ? 1 : 0))
                        #expect(receiver.taskIDs.count { $0 == id } == (task.state == .cancelled ? 0 : 1))
                        #expect(task.version >= 1 + done.count)
                        if task.state == .succeeded, try await edited != nil {
                            let call = receiver.log.requests.first { $0.header("X-Task-Id") == id.description }
                            #expect(call?.path == "/\(round)")
                        }
                    }
                }
            }
        }
    }

    @Test func anInstanceEditsWhatAnotherHolds() async throws {
        let receiver = TestServer { _ in .answer(http(200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(
                database, { ($0.instanceName, $0.claim.lookahead) = ("holder", .seconds(3600)) }
            ) { holder in
                try await RunningScheduler.with(database, { $0.instanceName = "editor" }) { editor in
                    let accepted = try await holder.accept(.post(receiver.url("/before"), in: .later))
                    #expect(accepted.state == .claimed)
                    #expect(
                        try database.count("claims c JOIN instances i USING (incarnation) WHERE i.name = 'holder'") == 1
                    )
                    var patch = TaskPatch()
                    patch.url = receiver.url("/after")
                    patch.planTime = .now + .milliseconds(200)
                    #expect(try await editor.edit(accepted.id, patch).version == 2)
                    #expect(
                        try database.count("claims c JOIN instances i USING (incarnation) WHERE i.name = 'editor'") == 1
                    )
                    try await eventually { try await holder.task(accepted.id).state == .succeeded }
                    let attempts = try await holder.attempts(of: accepted.id, after: 0, limit: 10)
                    #expect(attempts.count == 1)
                    #expect(attempts[0].startedAt >= patch.planTime!)
                    #expect(attempts[0].version == 2)
                }
            }
        }
        #expect(receiver.log.requests.map(\.path) == ["/after"])
    }

    @Test func whatRunsCannotBeSteered() async throws {
        let receiver = TestServer { $0.path == "/release" ? .release(http(200)) : .hold(http(200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                let id = try await scheduler.accept(.post(receiver.url("/held"))).id
                try await eventually { receiver.log.requests.count == 1 }
                #expect(try await scheduler.task(id).state == .running)
                var patch = TaskPatch()
                patch.planTime = .now + .seconds(60)
                for steer in [
                    { try await scheduler.cancel(id) }, { try await scheduler.runNow(id) },
                    { try await scheduler.retry(id) }, { [patch] in try await scheduler.edit(id, patch) },
                ] as [() async throws -> TaskRecord] {
                    await #expect(throws: SchedulerError.conflict(.running, "the task is running")) {
                        _ = try await steer()
                    }
                }
                _ = try await scheduler.accept(.post(receiver.url("/release")))
                try await eventually { try await scheduler.task(id).state == .succeeded }
            }
        }
    }

    /// Between the end of an incarnation and the moment at which its process notices.
    @Test func aFencedInstanceStillSteersAndAccepts() async throws {
        let receiver = TestServer { _ in .answer(http(200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            let unnoticed: (inout Configuration) -> Void = { configuration in
                Configuration.farsighted(&configuration)
                configuration.cluster.lease = .seconds(300)
                configuration.cluster.heartbeat = .seconds(149)
            }
            try await RunningScheduler.with(database, unnoticed) { fenced in
                let id = try await fenced.accept(.post(receiver.url(), in: .later)).id
                try await eventually { try database.count("instances") == 1 }
                try database.change("UPDATE instances SET ended_at = UTC_TIMESTAMP(6)")
                #expect(try await fenced.runNow(id).nextAttemptAt ?? .now <= .now)
                #expect(try database.count("ready") == 1)
                #expect(try await fenced.accept(.post(receiver.url())).state == .scheduled)
                #expect(try database.count("ready") == 2)
                #expect(receiver.log.requests.isEmpty)
                try await RunningScheduler.with(database) { healthy in
                    try await eventually { try database.count("tasks WHERE state = 1") == 2 }
                    #expect(try await healthy.task(id).attempt == 1)
                }
            }
        }
    }
}
