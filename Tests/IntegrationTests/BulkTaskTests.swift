import MySQL
import TestSupport
import Testing

@testable import Scheduler

/// Cancel, retry and reschedule of all tasks that a filter means.
@Suite struct BulkTaskTests {
    private static func draft(_ queue: String, in delay: Duration = .later) -> TaskDraft {
        var draft = TaskDraft.post("http://127.0.0.1:1/", in: delay)
        draft.queue = queue
        return draft
    }

    private static func end(_ operation: BulkOperation, _ scheduler: SchedulerService) async throws -> BulkOperation {
        try await eventually { try await scheduler.bulkOperation(operation.id)?.state != .running }
        return try #require(try await scheduler.bulkOperation(operation.id))
    }

    @Test func manyAreCancelledRetriedAndRescheduled() async throws {
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database, Configuration.farsighted) { scheduler in
                // Some wait in `scheduled`, some in claims, and one has a key.
                for number in 0..<40 {
                    var draft = Self.draft("mail", in: number.isMultiple(of: 2) ? .later * 4 : .later)
                    draft.key = number == 0 ? "first" : nil
                    _ = try await scheduler.accept(draft)
                }
                let other = try await scheduler.accept(Self.draft("other", in: .later * 4))
                var filter = TaskFilter()
                filter.queue = "mail"
                #expect(try await scheduler.countTasks(.cancel, filter) == Estimate(40))
                let moved = try await Self.end(
                    scheduler.startBulk(.reschedule(.now + .later * 4), filter, perSecond: 1000, by: "test"),
                    scheduler)
                #expect((moved.state, moved.done, moved.skipped) == (.done, 40, 0))
                #expect(try database.count("scheduled") == 41)
                #expect(try database.count("claims") == 0)
                let cancelled = try await Self.end(
                    scheduler.startBulk(.cancel, filter, perSecond: 1000, by: "test"), scheduler)
                #expect((cancelled.state, cancelled.done, cancelled.total) == (.done, 40, Estimate(40)))
                #expect(try database.count("tasks WHERE state = 4") == 40)
                #expect(try database.count("scheduled") == 1)
                #expect(try database.count("task_keys") == 0)
                #expect(try await scheduler.countTasks(.cancel, filter) == Estimate(0))
                #expect(try await scheduler.task(other.id).state == .scheduled)
                let retried = try await Self.end(
                    scheduler.startBulk(.retry, filter, perSecond: 1000, by: "test"), scheduler)
                #expect((retried.done, retried.skipped) == (40, 0))
                #expect(try database.count("task_keys") == 1)
                try await eventually { try database.count("attempts") >= 40 }
            }
        }
    }

    @Test func itsRateHoldsAndItCanBeEnded() async throws {
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                for _ in 0..<50 { _ = try await scheduler.accept(Self.draft("mail")) }
                let operation = try await scheduler.startBulk(.cancel, TaskFilter(), perSecond: 5, by: "test")
                try await eventually { try await scheduler.bulkOperation(operation.id)?.done ?? 0 > 0 }
                let ended = try await scheduler.cancelBulkOperation(operation.id)
                #expect(ended.state == .cancelled)
                let left = try database.count("scheduled")
                #expect(left > 0)
                #expect(left == 50 - ended.done)
            }
        }
    }

    @Test func aStateThatDoesNotFitIsRefused() async throws {
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                var filter = TaskFilter()
                filter.state = .dead
                await #expect(throws: ValidationError.self) { try await scheduler.countTasks(.cancel, filter) }
                filter.state = .scheduled
                await #expect(throws: ValidationError.self) {
                    try await scheduler.startBulk(.retry, filter, perSecond: 1, by: "test")
                }
            }
        }
    }

    @Test func onlyTheVersionThatWasSeenIsChanged() async throws {
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database) { scheduler in
                let task = try await scheduler.accept(Self.draft("mail"))
                var patch = TaskPatch()
                patch.planTime = .now + .seconds(2000)
                let edited = try await scheduler.edit(task.id, patch, onlyIf: [1])
                #expect(edited.version == 2)
                await #expect(throws: SchedulerError.versionChanged(2)) {
                    try await scheduler.edit(task.id, patch, onlyIf: [1])
                }
                await #expect(throws: SchedulerError.versionChanged(2)) {
                    try await scheduler.cancel(task.id, onlyIf: [1, 3])
                }
                #expect(try await scheduler.cancel(task.id, onlyIf: [2]).version == 3)
                await #expect(throws: SchedulerError.versionChanged(3)) {
                    try await scheduler.retry(task.id, onlyIf: [2])
                }
                #expect(try await scheduler.retry(task.id, onlyIf: [3]).version == 4)
            }
        }
    }
}
