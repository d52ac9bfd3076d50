import MySQL
import TestSupport
import Testing

@testable import Scheduler

/// Requests with a key: asked for any number of times, by whichever instance, it is one task.
@Suite struct RequestKeyTests {
    static func submission(_ draft: TaskDraft, _ key: String, body: String = "body") -> TaskSubmission {
        TaskSubmission([draft], key: RequestKey(key, request: Array(body.utf8))) { results in
            switch results[0] {
            case .made(let task): RequestAnswer(status: 201, body: Array("made \(task.id)".utf8), task: task.id)
            case .existing(let task): RequestAnswer(status: 200, body: Array("is \(task.id)".utf8), task: task.id)
            case .taken, .refused: preconditionFailure("a single draft is made or an error is thrown")
            }
        }
    }

    private static func isUnderWay(_ body: () async throws -> RequestAnswer) async throws -> Bool {
        do {
            _ = try await body()
            return false
        } catch SchedulerError.requestUnderWay {
            return true
        }
    }

    @Test func theSameRequestIsOneTaskWithOneAnswer() async throws {
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { first in
                try await RunningScheduler.with(database) { second in
                    let draft = TaskDraft.post("http://127.0.0.1:1/", in: .later)
                    let answer = try await first.submit(Self.submission(draft, "a"))
                    #expect(answer.status == 201)
                    #expect(!answer.isRepeated)
                    for scheduler in [first, second] {
                        // It is the same whatever has become of the task.
                        let again = try await scheduler.submit(Self.submission(draft, "a"))
                        #expect(again.body == answer.body)
                        #expect(again.status == 201)
                        #expect(again.task == answer.task)
                        #expect(again.isRepeated)
                        _ = try? await scheduler.cancel(answer.task)
                    }
                    await #expect(throws: SchedulerError.otherRequest) {
                        try await second.submit(Self.submission(draft, "a", body: "other"))
                    }
                    #expect(try await second.submit(Self.submission(draft, "b")).task != answer.task)
                    #expect(try database.count("tasks") == 2)
                }
            }
        }
    }

    @Test func manyAtOnceAreOneTask() async throws {
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { first in
                try await RunningScheduler.with(database) { second in
                    let draft = TaskDraft.post("http://127.0.0.1:1/", in: .later)
                    for round in 0..<20 {
                        let answers = try await withThrowingTaskGroup(of: RequestAnswer?.self) { group in
                            for number in 0..<10 {
                                group.addTask {
                                    let scheduler = number.isMultiple(of: 2) ? first : second
                                    do {
                                        return try await scheduler.submit(Self.submission(draft, "key \(round)"))
                                    } catch SchedulerError.requestUnderWay {
                                        return nil
                                    }
                                }
                            }
                            return try await group.reduce(into: []) { $0.append($1) }
                        }
                        let given = answers.compactMap(\.self)
                        #expect(Set(given.map(\.task)).count == 1)
                        #expect(given.count { !$0.isRepeated } == 1)
                        #expect(try database.count("tasks") == round + 1)
                    }
                }
            }
        }
    }

    /// A transaction that does not end has the key: whoever asks for it is told so, and the others do not wait for it.
    @Test func aRequestWhoseFirstIsUnderWayIsToldSo() async throws {
        try await TestDatabase.migrated { database in
            let change: (inout Configuration) -> Void = { $0.masterDB.lockWait = .seconds(1) }
            try await RunningScheduler.with(database, change) { scheduler in
                let draft = TaskDraft.post("http://127.0.0.1:1/", in: .later)
                let key = RequestKey("held", request: Array("body".utf8))
                let other = try database.connect()
                try other.run(text: "START TRANSACTION")
                try other.run(
                    """
                    INSERT INTO task_keys (scope, key_hash, task_id, fingerprint, expires_at)
                    VALUES (0, \(key.id.hash), \(TaskID(milliseconds: 1, random: (1, 1))), \(key.fingerprint),
                      UTC_TIMESTAMP(6) + INTERVAL 1 DAY)
                    """)
                async let held = Self.isUnderWay { try await scheduler.submit(Self.submission(draft, "held")) }
                #expect(try await scheduler.submit(Self.submission(draft, "free")).status == 201)
                #expect(try await held)
                try other.run(text: "ROLLBACK")
                #expect(try await scheduler.submit(Self.submission(draft, "held")).status == 201)
                #expect(try database.count("tasks") == 2)
            }
        }
    }

    @Test func aKeyThatHasRunOutIsFreeAndIsDeleted() async throws {
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                let draft = TaskDraft.post("http://127.0.0.1:1/", in: .later)
                let first = try await scheduler.submit(Self.submission(draft, "a"))
                try database.change("UPDATE task_keys SET expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND")
                let second = try await scheduler.submit(Self.submission(draft, "a", body: "other"))
                #expect(second.task != first.task)
                #expect(!second.isRepeated)
                #expect(try await scheduler.store.pruneRequestKeys(before: .now, limit: 10) == 0)
                #expect(
                    try await scheduler.store.pruneRequestKeys(before: .now + .seconds(86_500), limit: 10) == 1)
                #expect(try database.count("task_keys") == 0)
            }
        }
    }

    @Test func whatWasRefusedLeavesTheKeyFree() async throws {
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                var draft = TaskDraft.post("http://127.0.0.1:1/", in: .later)
                draft.key = "order 1"
                let holder = try await scheduler.accept(draft)
                await #expect(throws: SchedulerError.keyTaken([TakenKey(index: 0, holder: holder.id)])) {
                    try await scheduler.submit(Self.submission(draft, "a"))
                }
                #expect(try database.count("task_keys WHERE scope = 0") == 0)
                _ = try await scheduler.cancel(holder.id)
                #expect(try await scheduler.submit(Self.submission(draft, "a")).status == 201)
            }
        }
    }
}
