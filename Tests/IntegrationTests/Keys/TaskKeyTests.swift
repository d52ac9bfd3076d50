import MySQL
import TestSupport
import Testing

@testable import Scheduler

/// The key of a task: one live task of a queue has it, until it is finished.
@Suite struct TaskKeyTests {
    private static func draft(
        _ url: String = "http://127.0.0.1:1/", _ onConflict: OnConflict? = nil, in delay: Duration = .later
    ) -> TaskDraft {
        var draft = TaskDraft.post(url, in: delay)
        (draft.key, draft.onConflict, draft.maxRetries) = ("order 42", onConflict?.rawValue, 0)
        return draft
    }

    @Test func aKeyThatIsTakenIsRefusedReturnedOrReplaced() async throws {
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                let first = try await scheduler.accept(Self.draft())
                #expect(first.task.key == "order 42")
                let taken = SchedulerError.keyTaken([TakenKey(index: 0, holder: first.id)])
                await #expect(throws: taken) { try await scheduler.accept(Self.draft()) }
                #expect(try await scheduler.accept(Self.draft("http://127.0.0.1:1/", .return)).id == first.id)
                // In another queue it is another key.
                var other = Self.draft()
                other.queue = "other"
                _ = try await scheduler.accept(other)
                let second = try await scheduler.accept(Self.draft("http://127.0.0.1:1/", .replace))
                #expect(second.id != first.id)
                #expect(try await scheduler.task(first.id).state == .cancelled)
                #expect(try database.count("tasks") == 3)
                #expect(try database.count("task_keys") == 2)
                // The one that was replaced cannot come back while the other lives.
                await #expect(throws: SchedulerError.keyTaken([TakenKey(index: 0, holder: second.id)])) {
                    try await scheduler.retry(first.id)
                }
                _ = try await scheduler.cancel(second.id)
                #expect(try await scheduler.retry(first.id).state != .cancelled)
            }
        }
    }

    @Test(arguments: [200, 500])
    func aFinishedTaskHasItsKeyNoLonger(status: Int) async throws {
        let receiver = TestServer { _ in .answer(http(status)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                for round in 1...3 {
                    let task = try await scheduler.accept(Self.draft(receiver.url(), in: .zero))
                    try await eventually { try await scheduler.task(task.id).state.isFinished }
                    #expect(try database.count("task_keys") == 0)
                    #expect(try database.count("tasks") == round)
                }
            }
        }
    }

    @Test func aTaskThatRunsCannotBeReplaced() async throws {
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                let receiver = TestServer { _ in .hang }
                // Which ends the call.
                defer { receiver.stop() }
                var draft = Self.draft(receiver.url(), in: .zero)
                draft.timeoutMilliseconds = 60_000
                let task = try await scheduler.accept(draft)
                try await eventually { try await scheduler.task(task.id).state == .running }
                await #expect {
                    try await scheduler.accept(Self.draft(receiver.url(), .replace))
                } throws: { error in
                    if case SchedulerError.conflict(.running, _) = error { true } else { false }
                }
                #expect(try database.count("tasks") == 1)
            }
        }
    }

    @Test func manyThatReplaceEachOtherLeaveOne() async throws {
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { first in
                try await RunningScheduler.with(database) { second in
                    await withTaskGroup(of: Void.self) { group in
                        for number in 0..<24 {
                            group.addTask {
                                let scheduler = number.isMultiple(of: 2) ? first : second
                                // The next may be there before it: then it was refused for good reason.
                                _ = try? await scheduler.accept(Self.draft("http://127.0.0.1:1/", .replace))
                            }
                        }
                    }
                    let holders = try database.count("tasks t JOIN task_keys k ON k.task_id = t.id WHERE t.state = 0")
                    let counts = try [database.count("tasks WHERE state = 0"), database.count("task_keys"), holders]
                    #expect(counts == [1, 1, 1])
                }
            }
        }
    }

    @Test func aRetryOfManyLeavesThoseWhoseKeyIsTaken() async throws {
        let receiver = TestServer { _ in .answer(http(500)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                for _ in 0..<3 {
                    let task = try await scheduler.accept(Self.draft(receiver.url(), in: .zero))
                    try await eventually { try await scheduler.task(task.id).state == .dead }
                }
                let live = try await scheduler.accept(Self.draft())
                let operation = try await scheduler.startBulkRetry(DeadLetterFilter(), perSecond: 1000, by: "test")
                try await eventually { try await scheduler.bulkOperation(operation.id)?.state == .done }
                let ended = try #require(try await scheduler.bulkOperation(operation.id))
                #expect((ended.done, ended.skipped) == (0, 3))
                #expect(try database.count("dead_letters") == 3)
                #expect(try await scheduler.task(live.id).state != .dead)
            }
        }
    }

    // MARK: Several at once

    private static func batch(_ drafts: [TaskDraft], isWhole: Bool, key: RequestKey? = nil) -> TaskSubmission {
        TaskSubmission(drafts, key: key, isWhole: isWhole) { results in
            let words = results.map { result in
                switch result {
                case .made: "made"
                case .existing: "existing"
                case .taken: "taken"
                case .refused(let problems): "refused \(problems.map(\.field))"
                }
            }
            var first: TaskID?
            for case .made(let task) in results where first == nil { first = task.id }
            return RequestAnswer(
                status: 200, body: Array("\(words)".utf8), task: first ?? TaskID(milliseconds: 0, random: (0, 0)))
        }
    }

    private static func keyed(_ key: String?, _ onConflict: String? = nil) -> TaskDraft {
        var draft = TaskDraft.post("http://127.0.0.1:1/", in: .later)
        (draft.key, draft.onConflict) = (key, onConflict)
        return draft
    }

    @Test func aBatchIsMadeAsAWholeOrNotAtAll() async throws {
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                let holder = try await scheduler.accept(Self.keyed("a"))
                let drafts = [Self.keyed(nil), Self.keyed("b"), Self.keyed("a")]
                await #expect(throws: SchedulerError.keyTaken([TakenKey(index: 2, holder: holder.id)])) {
                    try await scheduler.submit(Self.batch(drafts, isWhole: true))
                }
                #expect(try database.count("tasks") == 1)
                #expect(try database.count("task_keys") == 1)
                var wrong = Self.keyed("c")
                wrong.url = "ftp://a.test/"
                await #expect(throws: ValidationError("tasks[1].request.url", "must begin with http:// or https://")) {
                    try await scheduler.submit(Self.batch([Self.keyed(nil), wrong], isWhole: true))
                }
                #expect(try database.count("tasks") == 1)
                let whole = Array(repeating: Self.keyed(nil), count: 1000)
                let key = RequestKey("whole", request: [1])
                let answer = try await scheduler.submit(Self.batch(whole, isWhole: true, key: key))
                #expect(try database.count("tasks") == 1001)
                let again = try await scheduler.submit(Self.batch(whole, isWhole: true, key: key))
                #expect(again.body == answer.body)
                #expect(again.isRepeated)
                #expect(try database.count("tasks") == 1001)
            }
        }
    }

    @Test func eachOfABatchIsMadeByItself() async throws {
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                _ = try await scheduler.accept(Self.keyed("a"))
                var wrong = Self.keyed(nil)
                wrong.timeoutMilliseconds = 1
                let drafts = [
                    Self.keyed("a"), Self.keyed("a", "return"), wrong, Self.keyed("b"), Self.keyed("b"),
                    Self.keyed("b", "return"), Self.keyed(nil), Self.keyed("c", "replace"),
                ]
                let key = RequestKey("each", request: [1])
                let answer = try await scheduler.submit(Self.batch(drafts, isWhole: false, key: key))
                let words = #"""
                    ["taken", "existing", "refused [\"timeout_ms\"]", "made", "taken", "existing", "made", "refused [\"on_conflict\"]"]
                    """#
                #expect(String(decoding: answer.body, as: UTF8.self) == words)
                #expect(try database.count("tasks") == 3)
                let again = try await scheduler.submit(Self.batch(drafts, isWhole: false, key: key))
                #expect(again.body == answer.body)
                #expect(try database.count("tasks") == 3)
            }
        }
    }
}
