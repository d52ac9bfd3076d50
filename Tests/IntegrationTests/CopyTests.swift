import MySQL
import Scheduler
import TestSupport
import Testing
import Transfer

/// Tasks that are duplicated, and how they are related.
@Suite struct CopyTests {
    @Test func aCopyIsATaskOfItsOwn() async throws {
        let receiver = TestServer { _ in .answer(http(200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                var draft = TaskDraft.post(receiver.url("/copied"))
                draft.queue = "mail"
                draft.headers = [HeaderField(name: "X-A", value: "b")]
                draft.body = Array("order=42".utf8)
                draft.labels = ["order": "42"]
                draft.retryDelays = [700, 800]
                draft.successRule = "legacy_contains_success"
                let original = try await scheduler.accept(draft)
                #expect(try await scheduler.lineage(of: original.id) == TaskLineage(original: nil, copies: []))
                try await eventually { receiver.taskIDs == [original.id] }

                let copy = try await scheduler.duplicate(original.id)
                let later = try await scheduler.duplicate(original.id, planTime: .now + .later)
                let ofCopy = try await scheduler.duplicate(copy.id, planTime: .now + .later)
                for task in [copy, later, ofCopy] {
                    var expected = original.task
                    expected.planTime = task.task.planTime
                    #expect(task.task == expected)
                    #expect(task.version == 1)
                }
                #expect(later.state == .scheduled)
                try await eventually { receiver.taskIDs == [original.id, copy.id] }
                #expect(try await scheduler.lineage(of: original.id).copies == [copy.id, later.id])
                let lineage = try await scheduler.lineage(of: copy.id)
                #expect(lineage.original == original.id)
                #expect(lineage.copies == [ofCopy.id])
                let unknown = TaskID(high: 1, low: 1)
                await #expect(throws: SchedulerError.notFound(unknown)) { try await scheduler.duplicate(unknown) }
            }
        }
    }

    @Test func aCopyMustBeAcceptableToday() async throws {
        try await TestDatabase.migrated { database in
            var id: TaskID?
            try await RunningScheduler.with(database) { scheduler in
                id = try await scheduler.accept(.post("http://127.0.0.1:1/", in: .later)).id
            }
            let original = try #require(id)
            try await RunningScheduler.with(database, { $0.dispatch.addressPolicy = AddressPolicy(preset: .public) }) {
                scheduler in
                await #expect(throws: ValidationError.self) { try await scheduler.duplicate(original) }
                await #expect(throws: ValidationError.self) {
                    try await scheduler.duplicate(original, planTime: Timestamp(microseconds: -1))
                }
            }
            #expect(try database.count("tasks") == 1)
            #expect(try database.count("task_copies") == 0)
        }
    }

    @Test func aCopyIsSentAgainWithoutBecomingTwo() async throws {
        try await StoreFixture.with { bench in
            let original = bench.task(.scheduled, in: .seconds(60))
            var copy = bench.task(.scheduled, in: .seconds(60))
            copy.copyOf = original.id
            try await bench.store.insert([original, copy])
            try await bench.store.insert([original, copy])
            #expect(try bench.database.count("task_copies") == 1)
            // Without the task that it was made of.
            try bench.database.change("DELETE FROM tasks WHERE id = \(original.id)")
            #expect(try await bench.store.lineage(of: copy.id).original == original.id)
        }
    }
}
