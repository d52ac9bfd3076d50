import Foundation
import MySQL
import TestSupport
import Testing

@testable import Scheduler

/// What a pass over old days leaves, on a real server.
@Suite struct RetentionTests {
    @Test func aDayThatIsOverGoesWithAllThatTellsOfIt() async throws {
        try await HistoryFixture.with { history in
            try history.partition(daysAgo: [40, 39, 31, 30])
            for (days, state) in [(40, StoredState.succeeded), (40, .dead), (39, .cancelled), (31, .dead), (30, .dead)]
            {
                let time = history.time(daysAgo: days)
                try history.tasks(8, state, created: time, finished: time + .seconds(60))
            }
            let live = try history.tasks(3, .scheduled, created: history.now)
            #expect(try await history.pass()?.removed == [history.day(40), history.day(39), history.day(31)])
            #expect(try history.partitions("tasks") == [history.day(30)])
            #expect(try history.partitions("attempts") == [history.day(30)])
            // Eight of the day that is kept, and the live ones.
            #expect(try history.rows() == [11, 22, 8, 11])
            #expect(try await history.bench.store.known(live) == Set(live))
            #expect(try history.database.count("scheduled") == 3)
            #expect(try history.database.count("retention WHERE step = 0 AND removed_day IS NOT NULL") == 1)
            #expect(try await history.pass() == RetentionPass.Summary())
        }
    }

    @Test(arguments: ExportFormat.allCases) func itIsWrittenDownFirst(format: ExportFormat) async throws {
        try await HistoryFixture.with { history in
            try history.partition(daysAgo: [40, 39])
            let time = history.time(daysAgo: 39)
            let ids = try history.tasks(20, .dead, created: time, finished: time)
            #expect(try await history.pass(export: format)?.removed.count == 2)
            let day = history.day(39).dropFirst()
            let (tasks, attempts) = ("tasks-\(day).\(format).gz", "attempts-\(day).\(format).gz")
            #expect(try history.files.contains(tasks) && history.files.contains(attempts))
            #expect(try history.files.count == 4)
            let lines = try await history.archived(tasks)
            #expect(lines.count == (format == .csv ? 21 : 20))
            for (id, line) in zip(ids, lines.suffix(20)) { #expect(line.contains("\(id)")) }
            #expect(try await history.archived(attempts).count == (format == .csv ? 41 : 40))
        }
    }

    /// The few that have not ended keep their day; the others go one by one, when the day is a week over its time.
    @Test func aDayWithStragglersIsThinned() async throws {
        try await HistoryFixture.with { history in
            try history.partition(daysAgo: [50, 35])
            for days in [50, 35] {
                let time = history.time(daysAgo: days)
                try history.tasks(20, .succeeded, created: time, finished: time)
                try history.tasks(9, .dead, created: time, finished: time + .seconds(100))
                try history.tasks(4, .dead, created: time, finished: history.time(daysAgo: 2))
            }
            let open = try history.tasks(3, .retrying, created: history.time(daysAgo: 50))
            try history.tasks(2, .scheduled, created: history.time(daysAgo: 35))
            let result = try #require(try await history.pass(export: .jsonl))
            #expect(
                result == RetentionPass.Summary(removed: [], thinned: 29, waiting: [history.day(50), history.day(35)]))
            // Of the older one the open and those that ended of late; all of the other.
            #expect(try history.rows() == [3 + 4 + 35, 2 * (3 + 4 + 35), 4 + 13, 3 + 4 + 35])
            let tasks = try #require(
                try history.files.first { $0.hasPrefix("tasks-\(history.day(50).dropFirst())-until-") })
            #expect(try await history.archived(tasks).count == 29)
            #expect(try await history.archived(tasks.replacing("tasks", with: "attempts")).count == 58)
            #expect(try history.files.count == 2)
            #expect(try history.database.count("retention_days WHERE has_open = 1") == 2)
            // Not again today.
            #expect(try await history.pass() == RetentionPass.Summary())
            #expect(try await history.bench.store.known(open) == Set(open))
            // When they have ended, and the time is over for those too.
            try history.database.change("UPDATE tasks SET state = 1, finished_at = created_at WHERE state IN (0, 2)")
            let later = try await history.pass(at: history.now + .seconds(86_400 * 40))
            #expect(later?.removed == [history.day(50), history.day(35)])
            #expect(try history.rows() == [0, 0, 0, 0])
            #expect(try history.database.count("retention_days WHERE day <> 'later'") == 0)
        }
    }

    /// Nobody ran for a month: one partition holds what came after, some days have none, and rows are in the last one.
    @Test func amonthWithoutAnybodyIsMadeGood() async throws {
        try await HistoryFixture.with { history in
            try history.partition(daysAgo: [75, 74])
            for days in [75, 74, 60, 50, 45] {
                try history.tasks(
                    6, .succeeded, created: history.time(daysAgo: days), finished: history.time(daysAgo: days))
            }
            let waiting = try history.tasks(2, .scheduled, created: history.time(daysAgo: 45))
            // What is in the last partition is thinned as long as it cannot be split.
            #expect(
                try await history.pass()
                    == .init(
                        removed: [history.day(75), history.day(74)], thinned: 18, waiting: ["later"]))
            try history.database.change("DELETE FROM retention_days")
            let added = try await history.bench.store.addPartitions {
                PartitionPlan.missing(existing: $0, now: history.now, daysAhead: 3)
            }
            #expect(added == 4)
            try history.tasks(5, .succeeded, created: history.time(daysAgo: 40), finished: history.time(daysAgo: 40))
            #expect(try await history.pass() == RetentionPass.Summary())
            // Today's partition has it all, and goes in its time.
            try history.database.change("UPDATE tasks SET state = 1, finished_at = created_at WHERE state = 0")
            #expect(try await history.bench.store.known(waiting).count == 2)
            let result = try await history.pass(at: history.now + .seconds(86_400 * 32))
            #expect(result?.removed.first == history.day(0))
            #expect(try history.rows() == [0, 0, 0, 0])
        }
    }

    /// On MySQL not after a table was given a column at once; `migrate up` has built the empty ones again.
    @Test(arguments: [HistoryTable.tasks, .attempts]) func aPartitionChangesPlacesWithAnEmptyTable(
        _ table: HistoryTable
    )
        async throws
    {
        try await HistoryFixture.with { fixture in
            try fixture.partition(daysAgo: [41, 40])
            for days in [41, 40] {
                let time = fixture.time(daysAgo: days)
                try fixture.tasks(3, .succeeded, created: time, finished: time)
            }
            let connection = try fixture.database.connect()
            let history = History(connection, Tables(prefix: ""))
            func drop(_ days: Int) throws -> Bool {
                let layout = try history.layout()
                let partitions = table == .tasks ? layout.tasks : layout.attempts
                return try history.drop(try #require(partitions.first { $0.name == fixture.day(days) }), of: table)
            }
            #expect(try drop(41))
            try connection.run(text: "ALTER TABLE \(table) ADD COLUMN late INT NULL, ALGORITHM=INSTANT")
            #expect(try drop(40) == (connection.server.kind == .mariadb))
            #expect(try fixture.database.count("\(table)") == 0)
        }
    }

    @Test(arguments: [["tasks"], ["attempts"]]) func tablesThatDifferAreBroughtTogether(only: [String]) async throws {
        try await HistoryFixture.with { history in
            try history.partition(daysAgo: [41, 40], tables: only)
            try history.partition(daysAgo: [39])
            for days in [41, 40, 39] {
                let time = history.time(daysAgo: days)
                try history.tasks(7, .dead, created: time, finished: time)
            }
            try history.tasks(1, .scheduled, created: history.time(daysAgo: 40))
            let result = try await history.pass()
            #expect(result?.removed == [history.day(41), history.day(39)])
            #expect(result?.thinned == 7)
            #expect(try history.rows() == [1, 2, 0, 1])
        }
    }
}
