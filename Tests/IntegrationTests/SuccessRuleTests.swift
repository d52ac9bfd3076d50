import MySQL
import Scheduler
import Synchronization
import TestSupport
import Testing

/// Answers of real receivers, judged by what the task asks. One after the other: each has a scheduler of its own.
@Suite(.serialized) struct SuccessRuleTests {
    /// Ends when the task has.
    static func outcome(
        _ database: TestDatabase, _ receiver: TestServer, _ change: (inout TaskDraft) -> Void
    ) async throws -> (task: TaskRecord, attempts: [AttemptRecord], reason: String?) {
        var draft = TaskDraft.post(receiver.url("/hook"))
        draft.retryDelays = [0.05, 0.05]
        change(&draft)
        let asked = draft
        return try await RunningScheduler.with(database) { scheduler in
            let id = try await scheduler.accept(asked).id
            try await eventually { try await scheduler.task(id).state.isFinished }
            let reasons = try database.connect().run("SELECT reason FROM dead_letters WHERE task_id = \(id)").rows
            return (
                try await scheduler.task(id), try await scheduler.attempts(of: id, after: 0, limit: 10),
                try reasons.first?.text(0)
            )
        }
    }

    @Test func theRuleOfDelayQSIsThatTheAnswerContainsSuccess() async throws {
        let receiver = TestServer { request in
            .answer(http(500, body: request.header("X-Task-Attempt") == "1" ? "fail" : "SUCCESS"))
        }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            let outcome = try await Self.outcome(database, receiver) { $0.successRule = "legacy_contains_success" }
            #expect(outcome.task.state == .succeeded)
            #expect(outcome.attempts.map(\.outcomeClass) == ["rule", "success"])
        }
    }

    /// Through the database, which holds a pattern, quotes and characters outside the first plane.
    @Test func criteriaAreKeptAndJudged() async throws {
        let receiver = TestServer { request in
            let body =
                request.header("X-Task-Attempt") == "1" ? #"{"a":[{"b":0}]}"# : #"{"a":[{"b":1.0}],"t":"it's \\ 😀"}"#
            return .answer(http(404, body: body))
        }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            let outcome = try await Self.outcome(database, receiver) { draft in
                draft.successConditions.statuses = ["2xx", "404"]
                draft.successConditions.json = [.init(path: "$.a[0].b", equals: .number("1"))]
                draft.successConditions.bodyContains = #"it's \\ 😀"#
                draft.successConditions.bodyMatches = #""b":\s*1(\.0+)?\b"#
            }
            #expect(outcome.task.state == .succeeded)
            #expect(outcome.attempts.map(\.outcomeClass) == ["rule", "success"])
            #expect(outcome.attempts[0].message == "$.a[0].b is 0, 1 is success")
            #expect(outcome.task.task.successRule.storedName == "custom")
        }
    }

    @Test func aPermanentFailureIsDeadAtOnce() async throws {
        let receiver = TestServer { .answer(http($0.header("X-Task-Attempt") == "1" ? 500 : 410, ["Retry-After: 1"])) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            let outcome = try await Self.outcome(database, receiver) { draft in
                draft.successConditions.permanentFailure = ["400", "410-499"]
                draft.maxRetries = 9
            }
            #expect(outcome.task.state == .dead)
            #expect(outcome.attempts.map(\.status) == [500, 410])
            #expect(
                outcome.reason
                    == "attempt 2 failed for good: status 410, 200 to 299 is success; success.permanent_failure has status 410"
            )
        }
    }

    @Test func criteriaSurviveAnEditAndARetryByHand() async throws {
        let receiver = TestServer { _ in .answer(http(410)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            var draft = TaskDraft.post(receiver.url(), in: .seconds(3600))
            draft.successConditions.bodyContains = "done"
            draft.successConditions.permanentFailure = ["410"]
            let asked = draft
            try await RunningScheduler.with(database) { scheduler in
                let accepted = try await scheduler.accept(asked)
                #expect(
                    accepted.task.successRule.storedCriteria == #"{"body_contains":"done","permanent_failure":[410]}"#)
                var patch = TaskPatch()
                patch.url = receiver.url("/edited")
                let edited = try await scheduler.edit(accepted.id, patch)
                #expect(edited.task.successRule == accepted.task.successRule)
                _ = try await scheduler.runNow(accepted.id)
                try await eventually { try await scheduler.task(accepted.id).state == .dead }
                let retried = try await scheduler.retry(accepted.id)
                #expect(retried.task.successRule == accepted.task.successRule)
                try await eventually {
                    let task = try await scheduler.task(accepted.id)
                    return task.state == .dead && task.attempt == 2
                }
                let page = try await scheduler.tasks(TaskFilter(), before: nil, limit: 5)
                #expect(page.tasks.map(\.task.successRule) == [accepted.task.successRule])
            }
        }
    }

    // MARK: Retry-After

    /// The schedule says 50 ms after the end of the attempt, which on a slow machine may be after what was asked for.
    private static func isAsked(_ asked: Timestamp, _ attempts: [AttemptRecord]) -> Bool {
        let scheduled = attempts[0].startedAt + attempts[0].duration + .milliseconds(50)
        // Times are cut to microseconds more than once.
        let difference = attempts[1].planTime - max(asked, scheduled)
        return abs(difference.microseconds) <= 10 && attempts[1].startedAt >= attempts[1].planTime
    }

    @Test func aRetryComesNotBeforeTheSecondsThatTheReceiverAsksFor() async throws {
        let receiver = TestServer { .answer(http($0.header("X-Task-Attempt") == "1" ? 429 : 200, ["Retry-After: 2"])) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            let attempts = try await Self.outcome(database, receiver) { _ in }.attempts
            #expect(attempts.map(\.status) == [429, 200])
            #expect(Self.isAsked(attempts[0].startedAt + attempts[0].duration + .seconds(2), attempts))
            #expect(attempts[0].message?.contains("Retry-After puts the retry off until") == true)
        }
    }

    @Test func aRetryComesNotBeforeTheDateThatTheReceiverAsksFor() async throws {
        let asked = Mutex<Timestamp?>(nil)
        let receiver = TestServer { request in
            if request.header("X-Task-Attempt") != "1" { return .answer(http()) }
            // This host's clock is the private database's too. Dates are in whole seconds.
            let date = Timestamp(microseconds: (Timestamp.now.microseconds / 1_000_000 + 3) * 1_000_000)
            asked.withLock { $0 = date }
            return .answer(http(503, ["Retry-After: \(httpDate(date))"]))
        }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            let attempts = try await Self.outcome(database, receiver) { _ in }.attempts
            #expect(attempts.map(\.status) == [503, 200])
            #expect(Self.isAsked(try #require(asked.withLock { $0 }), attempts))
        }
    }

    @Test func thereIsALimitToWhatItMayAskFor() async throws {
        let receiver = TestServer {
            .answer(http($0.header("X-Task-Attempt") == "1" ? 503 : 200, ["Retry-After: 999999"]))
        }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            var draft = TaskDraft.post(receiver.url())
            draft.retryDelays = [0.05]
            let asked = draft
            try await RunningScheduler.with(database, { $0.outcome.retryAfterLimit = .seconds(1) }) { scheduler in
                let id = try await scheduler.accept(asked).id
                try await eventually { try await scheduler.task(id).state == .succeeded }
                let attempts = try await scheduler.attempts(of: id, after: 0, limit: 10)
                #expect(Self.isAsked(attempts[0].startedAt + attempts[0].duration + .seconds(1), attempts))
            }
        }
    }
}

private func httpDate(_ time: Timestamp) -> String {
    let civil = CivilTime(time)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return "Mon, \(two(civil.day)) \(months[civil.month - 1]) \(civil.year) "
        + "\(two(civil.hour)):\(two(civil.minute)):\(two(civil.second)) GMT"
}
