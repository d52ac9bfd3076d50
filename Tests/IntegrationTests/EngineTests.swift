import Glibc
import MySQL
import Scheduler
import TestSupport
import Testing

@Suite struct EngineTests {
    /// A draft of a POST to `url`, due `delay` from now by this host's clock, which is the private server's too.
    func draft(_ url: String, in delay: Duration = .zero) -> TaskDraft {
        var draft = TaskDraft()
        draft.url = url
        draft.planTime = .now + delay
        draft.body = Array("order=42".utf8)
        return draft
    }

    @Test func taskIsCalledOnTimeAndLogged() async throws {
        let receiver = TestServer { _ in .answer(http(200, body: "done")) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                let accepted = try await scheduler.accept(draft(receiver.url("/order"), in: .milliseconds(300)))
                #expect(accepted.state == .claimed)
                try await eventually { try await scheduler.task(accepted.id).state == .succeeded }
                let calls = receiver.log.requests
                #expect(calls.count == 1)
                #expect(calls[0].method == "POST")
                #expect(calls[0].path == "/order")
                #expect(calls[0].body == Array("order=42".utf8))
                #expect(calls[0].header("X-Task-Id") == accepted.id.description)
                #expect(calls[0].header("X-Task-Attempt") == "1")
                #expect(calls[0].header("Idempotency-Key") == accepted.id.description)
                let attempts = try await scheduler.attempts(of: accepted.id, after: 0, limit: 10)
                #expect(attempts.count == 1)
                #expect(attempts[0].succeeded)
                #expect(attempts[0].status == 200)
                #expect(attempts[0].response == Array("done".utf8))
                #expect(attempts[0].startedAt >= accepted.task.planTime)
                #expect(attempts[0].address == "127.0.0.1:\(receiver.port)")
                #expect(try await scheduler.task(accepted.id).attempt == 1)
            }
        }
    }

    @Test func failedTaskIsRetriedBySchedule() async throws {
        let receiver = TestServer { request in
            .answer(request.header("X-Task-Attempt") == "3" ? http(200) : http(500))
        }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                var draft = draft(receiver.url())
                draft.retryDelays = [0.05, 0.1]
                let id = try await scheduler.accept(draft).id
                try await eventually { try await scheduler.task(id).state.isFinished }
                let task = try await scheduler.task(id)
                #expect(task.state == .succeeded)
                #expect(task.attempt == 3)
                let attempts = try await scheduler.attempts(of: id, after: 0, limit: 10)
                #expect(attempts.map(\.succeeded) == [false, false, true])
                #expect(attempts.map(\.outcomeClass) == ["status", "status", "success"])
                for (first, second) in zip(attempts, attempts.dropFirst()) {
                    let pause: Duration = first.attempt == 1 ? .milliseconds(50) : .milliseconds(100)
                    #expect(second.startedAt >= first.startedAt + first.duration + pause - .microseconds(500))
                }
            }
        }
    }

    /// A table that was made narrower by hand stands for whatever the database may refuse.
    @Test func outcomeThatIsRefusedHoldsUpNoOther() async throws {
        let receiver = TestServer { request in .answer(http(200, body: request.path == "/long" ? "too long" : "")) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try database.connect().run(text: "ALTER TABLE attempts MODIFY response VARBINARY(3) NULL")
            try await RunningScheduler.with(database) { scheduler in
                let ids = try await ["/a", "/long", "/b", "/c"].asyncMap {
                    try await scheduler.accept(draft(receiver.url($0), in: .milliseconds(200))).id
                }
                for id in ids { try await eventually { try await scheduler.task(id).state == .succeeded } }
                let bare = try await scheduler.attempts(of: ids[1], after: 0, limit: 1)
                #expect(bare.first?.response.isEmpty == true)
                #expect(bare.first?.responseTruncated == true)
            }
        }
    }

    @Test func taskThatAlwaysFailsDies() async throws {
        let receiver = TestServer { _ in .answer(http(503)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                var draft = draft(receiver.url())
                draft.retryDelays = [0.02]
                draft.maxRetries = 2
                let id = try await scheduler.accept(draft).id
                try await eventually { try await scheduler.task(id).state.isFinished }
                #expect(try await scheduler.task(id).state == .dead)
                #expect(try await scheduler.attempts(of: id, after: 0, limit: 10).count == 3)
                let letters = try database.connect().run("SELECT COUNT(*) FROM dead_letters").rows[0].integer(0)
                #expect(letters == 1)
                let again = try await scheduler.retry(id)
                #expect(again.finishedAt == nil)
                try await eventually { try await scheduler.task(id).state.isFinished }
                #expect(try await scheduler.attempts(of: id, after: 0, limit: 10).count == 6)
            }
        }
    }

    @Test(arguments: [Duration.seconds(20), .seconds(3600)])
    func waitingTaskCanBeSteered(delay: Duration) async throws {
        let receiver = TestServer { _ in .answer(http(200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                let cancelled = try await scheduler.accept(draft(receiver.url("/cancelled"), in: delay)).id
                #expect(try await scheduler.cancel(cancelled).state == .cancelled)
                await #expect(throws: SchedulerError.conflict(.cancelled, "the task is cancelled")) {
                    try await scheduler.cancel(cancelled)
                }
                let edited = try await scheduler.accept(draft(receiver.url("/before"), in: delay)).id
                var patch = TaskPatch()
                patch.url = receiver.url("/after")
                let after = try await scheduler.edit(edited, patch)
                #expect(after.task.request.url == receiver.url("/after"))
                #expect(after.version == 2)
                #expect(after.requestVersion == 2)
                _ = try await scheduler.runNow(edited)
                try await eventually { try await scheduler.task(edited).state == .succeeded }
                #expect(receiver.log.requests.map(\.path) == ["/after"])
                #expect(try await scheduler.task(cancelled).state == .cancelled)
            }
        }
    }

    @Test func dueAtOnceOnTwoInstancesRunsEachOnce() async throws {
        let receiver = TestServer { _ in .answer(http(200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            let count = 2000
            // Without a worker they wait in `ready`; then two come.
            try await RunningScheduler.with(database, { $0.roles = [.api] }) { scheduler in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<count {
                        group.addTask { _ = try await scheduler.accept(draft(receiver.url())) }
                    }
                    try await group.waitForAll()
                }
            }
            let waiting = try database.connect().run("SELECT COUNT(*) FROM ready").rows[0].integer(0)
            #expect(waiting == count)
            try await RunningScheduler.with(database) { _ in
                try await RunningScheduler.with(database) { _ in
                    try await eventually {
                        try database.connect().run("SELECT COUNT(*) FROM tasks WHERE state = 1").rows[0].integer(0)
                            == count
                    }
                }
            }
            let ids = receiver.log.requests.compactMap { $0.header("X-Task-Id") }
            #expect(ids.count == count)
            #expect(Set(ids).count == count)
        }
    }
}

extension Timestamp {
    static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}

extension Sequence where Element: Sendable {
    fileprivate func asyncMap<T>(_ transform: (Element) async throws -> T) async rethrows -> [T] {
        var results: [T] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
