import MySQL
import TestSupport
import Testing

@testable import Scheduler

/// Tasks that are called before a time or not at all.
@Suite struct ExpiryTests {
    /// Nobody is there who calls them, until their time is over.
    @Test func whatIsOverdueForTooLongIsNotCalled() async throws {
        let receiver = TestServer { _ in .answer(http(200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            var (expired, live): ([TaskID], [TaskID]) = ([], [])
            try await RunningScheduler.with(database, { $0.roles = [.api] }) { scheduler in
                for number in 0..<20 {
                    var draft = TaskDraft.post(receiver.url("/task"), in: .seconds(-60))
                    draft.expiresAt = number % 2 == 0 ? .now - .seconds(1) : .now + .later
                    draft.followUps[.onFailure] = FollowUpDraft()
                    draft.followUps[.onFailure]?.url = receiver.url("/expired")
                    let id = try await scheduler.accept(draft).id
                    if number % 2 == 0 { expired.append(id) } else { live.append(id) }
                }
            }
            try await RunningScheduler.with(database) { scheduler in
                for id in expired + live { try await eventually { try await scheduler.task(id).state.isFinished } }
                for id in expired {
                    let task = try await scheduler.task(id)
                    #expect(task.state == .dead && task.isExpired && task.attempt == 0)
                    #expect(try await scheduler.attempts(of: id, after: 0, limit: 10).isEmpty)
                }
                for id in live { #expect(try await scheduler.task(id).state == .succeeded) }
                try await eventually { receiver.log.requests.count == 20 }
                let told = receiver.log.requests.filter { $0.path == "/expired" }
                #expect(told.count == 10)
                let body = try JSONParser.parse(told[0].body)
                #expect(body["state"]?.text == "dead" && body["expired"] == .bool(true))
                #expect(body["attempts"]?.integer == 0 && body["last_attempt"] == .null)
                #expect(body["reason"]?.text?.hasPrefix("expired: ") == true)
                let letters = try await scheduler.deadLetters(DeadLetterFilter(), before: nil, limit: 50).letters
                #expect(letters.count == 10 && letters.allSatisfy { $0.isExpired && $0.reason.hasPrefix("expired: ") })
                #expect(try database.count("report_dead_letters WHERE expired = 1 AND last_class IS NULL") == 10)
                #expect(try database.count("report_tasks WHERE expired = 1 AND state = 'dead' AND old_state = 3") == 10)
                // Counted are calls: 10 tasks, and what followed the 10 others.
                try await eventually { try database.count("attempts") == 20 }
                let counted: Query = "SELECT SUM(attempts) FROM rollups_minute"
                #expect(try database.connect().run(counted).rows[0].integer(0) == 20)

                // Somebody asks for one after its time: then it is called however late.
                let again = try await scheduler.retry(expired[0])
                #expect(again.task.expiresAt == nil && !again.isExpired)
                try await eventually { try await scheduler.task(expired[0]).state == .succeeded }
                #expect(try await scheduler.task(expired[0]).attempt == 1)
            }
        }
    }

    /// Expired ones take nothing of a limit: else a thousand of them would hold up the queue for hours, and these sixty for
    /// five minutes.
    @Test func theyUseUpNoLimit() async throws {
        let receiver = TestServer { _ in .answer(http(200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                var patch = QueuePatch()
                (patch.ratePerSecond, patch.burst) = (0.2, 1)
                _ = try await scheduler.createQueue("slow", patch)
                _ = try await scheduler.pause(queue: "slow")
                for number in 0..<60 {
                    var draft = TaskDraft.post(receiver.url(), in: .seconds(number - 90))
                    draft.queue = "slow"
                    draft.expiresAt = .now - .milliseconds(1)
                    _ = try await scheduler.accept(draft)
                }
                _ = try await scheduler.resume(queue: "slow")
                try await eventually { try database.count("tasks WHERE expired = 1") == 60 }
                #expect(receiver.log.requests.isEmpty)
            }
        }
    }

    @Test func aRetryThatDoesNotFitIsNone() async throws {
        let receiver = TestServer { _ in .answer(http(500)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                var draft = TaskDraft.post(receiver.url())
                draft.expiresAt = .now + .later
                draft.retryDelays = [0, 7200]
                let id = try await scheduler.accept(draft).id
                try await eventually { try await scheduler.task(id).state.isFinished }
                let task = try await scheduler.task(id)
                #expect(task.state == .dead && !task.isExpired && task.attempt == 2)
                let attempts = try await scheduler.attempts(of: id, after: 0, limit: 10)
                #expect(attempts.map { $0.message?.hasSuffix("no retry fits before expires_at") } == [false, true])
                let reason = try database.connect().run("SELECT reason FROM dead_letters").rows[0].text(0)
                #expect(reason.contains("no retry fits before expires_at"))
                #expect(reason.contains("status 500"))
            }
        }
    }

    @Test func aPatchChangesIt() async throws {
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                var draft = TaskDraft.post("http://127.0.0.1:1/", in: .later)
                draft.expiresAt = .now + .later + .seconds(60)
                let id = try await scheduler.accept(draft).id
                #expect(try await scheduler.task(id).task.expiresAt == draft.expiresAt)
                var patch = TaskPatch()
                for time in [Timestamp?.some(.now + .later + .seconds(7200)), nil] {
                    patch.expiresAt = .some(time)
                    #expect(try await scheduler.edit(id, patch).task.expiresAt == time)
                }
                patch.expiresAt = .some(.now)
                await #expect(throws: ValidationError.self) { try await scheduler.edit(id, patch) }
                var followUp = FollowUpDraft()
                followUp.url = "http://127.0.0.1:1/done"
                patch = TaskPatch()
                patch.followUps = [.onSuccess: followUp]
                #expect(
                    try await scheduler.edit(id, patch).task.followUps.keys.sorted { $0.rawValue < $1.rawValue } == [
                        .onSuccess
                    ])
                patch.followUps = [.onSuccess: nil]
                let after = try await scheduler.edit(id, patch)
                #expect(after.task.followUps.isEmpty && after.version == 5 && after.requestVersion == 1)
            }
        }
    }
}
