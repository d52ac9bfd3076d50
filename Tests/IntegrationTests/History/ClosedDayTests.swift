import Foundation
import MySQL
import TestSupport
import Testing

@testable import Scheduler

/// What happens beside a removal, and when one does not come to its end.
@Suite struct ClosedDayTests {
    /// A day with dead tasks, closed as if it were just being looked through.
    private static func with(
        _ body: (_ history: HistoryFixture, _ dead: [TaskID], _ newer: [TaskID]) async throws -> Void
    ) async throws {
        try await HistoryFixture.with { history in
            try history.partition(daysAgo: [40, 39])
            let (old, new) = (history.time(daysAgo: 40), history.time(daysAgo: 39))
            let dead = try history.tasks(6, .dead, created: old, finished: old)
            let newer = try history.tasks(2, .dead, created: new, finished: history.now)
            try await body(history, dead, newer)
        }
    }

    private static func close(_ history: HistoryFixture) async throws {
        _ = try await history.bench.store.withHistory { store in
            let day = try store.layout().days[0]
            try store.close(day, to: #require(day.to))
        }
    }

    @Test func nothingOfItGetsANewLife() async throws {
        try await Self.with { history, dead, newer in
            try await Self.close(history)
            let store = history.bench.store
            guard
                case .beingRemoved(.dead) = try await store.steer(dead[0], .retry, now: .now, place: { _, _ in .ready })
            else {
                Issue.record("it was retried")
                return
            }
            let all = DeadLetterFilter()
            let operation = try #require(try await store.insertBulkRetry(all, perSecond: 1000, by: "test"))
            #expect(try await store.takeBulkOperations("me", lease: .seconds(60)).count == 1)
            let step = try await store.retryDeadLetters(
                of: operation.id, runner: "me", lease: .seconds(60), limit: 100, now: .now)
            #expect(step == BulkStep(taken: 8, done: 2, isLast: true))
            #expect(try history.database.count("ready") == newer.count)
            #expect(try history.database.count("tasks WHERE state = 3") == dead.count)

            // One that waited in Redis for 40 days comes in when the day is gone.
            var task = history.bench.task(.ready)
            task.id = TaskIDSource(SystemTime()).next(at: history.time(daysAgo: 40))
            let late = task
            let error = await #expect(throws: MySQLError.self) { try await store.insert([late], now: .now) }
            #expect(error?.code == .dayIsBeingRemoved && error?.isTransient == true)
            #expect(try history.database.count("ready") == 2)
            #expect(try await history.pass()?.removed == [history.day(40)])
            try await store.insert([late], now: .now)
            // And again, as after a COMMIT without an answer.
            try await store.insert([late], now: .now)
            #expect(try history.database.count("ready") == 3)
        }
    }

    /// A retry that has looked before the day was closed is waited for; then its task is seen.
    @Test func aRetryUnderWayKeepsItOpen() async throws {
        try await Self.with { history, dead, _ in
            let retry = try history.database.connect()
            try retry.run(text: "START TRANSACTION")
            #expect(try MySQLStore.closedDay(retry, history.bench.store.tables) == nil)
            let error = await #expect(throws: MySQLError.self) { try await history.pass(lockWait: .seconds(1)) }
            #expect(error?.code == .lockWaitTimeout)
            try retry.run("UPDATE tasks SET state = 0, finished_at = NULL WHERE id = \(dead[3])")
            try retry.run(text: "COMMIT")
            let result = try #require(try await history.pass())
            #expect(result.removed.isEmpty && result.thinned == 5)
            #expect(result.waiting.prefix(2) == [history.day(40), history.day(39)])
            #expect(try await history.bench.store.known(dead) == [dead[3]])
        }
    }

    @Test(arguments: 1...3) func whoComesAfterACrashGoesOn(step: Int) async throws {
        try await Self.with { history, _, newer in
            try await Self.close(history)
            try history.database.change("UPDATE retention SET step = \(step)")
            #expect(try await history.pass(export: .csv)?.removed == [history.day(40)])
            #expect(try history.database.count("tasks") == newer.count)
            #expect(try history.database.count("attempts") == 2 * newer.count)
            // Exported when that was not done yet, and not again.
            #expect(try history.files.count == (step == 3 ? 0 : 2))
        }
    }

    /// Tasks that cannot be written are not removed, and what was begun is not taken for a file.
    @Test func whatCannotBeExportedStays() async throws {
        try await Self.with { history, dead, newer in
            await #expect(throws: ArchiveFile.Failure.self) {
                try await history.pass(export: .csv, into: "/nowhere/at/all")
            }
            #expect(try history.database.count("tasks") == dead.count + newer.count)
            #expect(try history.database.count("retention WHERE step = 0 AND day IS NULL") == 1)
            let file = try ArchiveFile(folder: history.folder.path, name: "tasks-\(history.day(40).dropFirst()).csv.gz")
            try file.write(Array("half".utf8))
            #expect(try history.files.allSatisfy { $0.hasPrefix(".") && $0.hasSuffix(".part") })
            #expect(try await history.pass(export: .csv)?.removed == [history.day(40)])
            #expect(try history.files.allSatisfy { !$0.hasPrefix(".") })
            #expect(try await history.archived("tasks-\(history.day(40).dropFirst()).csv.gz").count == 7)
        }
    }

    /// Behind an ALTER TABLE that waits for a long report everybody would wait; so it gives up after a second, and the
    /// next pass goes on where it was.
    @Test func aLongReportPutsItOff() async throws {
        try await Self.with { history, _, newer in
            let report = try history.database.connect()
            try report.run(text: "START TRANSACTION")
            try report.run("SELECT COUNT(*) FROM attempts")
            let error = await #expect(throws: MySQLError.self) { try await history.pass(lockWait: .seconds(1)) }
            #expect(error?.code == .lockWaitTimeout)
            #expect(try history.database.count("retention WHERE step = 3") == 1)
            report.rollback()
            #expect(try await history.pass()?.removed == [history.day(40)])
            #expect(try history.database.count("tasks") == newer.count)
        }
    }

    @Test func oneDoesItAtATime() async throws {
        try await HistoryFixture.with { history in
            let (begun, end) = (Signal(), DispatchSemaphore(value: 0))
            async let first: Bool? = history.bench.store.withHistory { _ in
                begun.notify()
                end.wait()
                return true
            }
            await begun.wait()
            let second = try await history.pass()
            end.signal()
            #expect(second == nil)
            #expect(try await first == true)
        }
    }
}
