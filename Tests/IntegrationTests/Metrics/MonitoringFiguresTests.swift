import MySQL
import TestSupport
import Testing

@testable import Scheduler

/// What the metrics tell of the database.
@Suite struct MonitoringFiguresTests {
    private static func tasks(_ figures: MonitoringFigures) -> [Int] {
        figures.backlog.overdue.map(\.tasks)
    }

    @Test func theBacklogIsCountedByAge() async throws {
        try await StoreFixture.with { bench in
            let incarnation = try await bench.register()
            let empty = try await bench.store.monitoringFigures()
            #expect(Self.tasks(empty) == [0, 0, 0, 0, 0, 0])
            #expect(empty.backlog.oldest == .zero)
            #expect((empty.alive, empty.expired) == (1, 0))
            try await bench.store.insert([
                bench.task(.ready, in: .seconds(-100)), bench.task(.claimed(incarnation), in: .seconds(-1000)),
                bench.task(.scheduled, in: .seconds(-5000)), bench.task(.scheduled, in: .seconds(5000)),
                bench.task(.ready, in: .seconds(2000)),
            ])
            _ = try await bench.started(2, by: incarnation)
            let figures = try await bench.store.monitoringFigures()
            #expect(Self.tasks(figures) == [3, 3, 3, 3, 2, 1])
            #expect(figures.backlog.oldest >= .seconds(5000) && figures.backlog.oldest < .seconds(5600))
            _ = try await bench.store.setPaused(true, queue: "default")
            let paused = try await bench.store.monitoringFigures()
            #expect(Self.tasks(paused) == [0, 0, 0, 0, 0, 0])
        }
    }

    @Test func aLongBacklogIsEstimated() async throws {
        try await StoreFixture.with { bench in
            try FiguresTests.schedule(20_000, queue: bench.queueID, seconds: "-(100 + n)", bench)
            try bench.database.connect().run(text: "ANALYZE TABLE scheduled")
            let backlog = try await bench.store.monitoringFigures(sampleSize: 500).backlog
            // InnoDB's own estimate; it was seen four times too low.
            #expect((2_000...80_000).contains(backlog.overdue[0].tasks))
            #expect(backlog.oldest >= .seconds(20_000))
        }
    }

    @Test func anOpenTransactionIsSeen() async throws {
        try await StoreFixture.with { bench in
            let other = try bench.database.connect()
            try other.run(text: "START TRANSACTION")
            _ = try other.run("SELECT COUNT(*) FROM instances FOR UPDATE")
            try await eventually {
                try await bench.store.monitoringFigures().oldestTransaction ?? .zero > .seconds(1)
            }
            let figures = try await bench.store.monitoringFigures()
            // The clock of one server in two time zones: no hours between them.
            #expect(figures.oldestTransaction! < .seconds(600))
            #expect(figures.historyListLength != nil)
            other.rollback()
        }
    }

    @Test func withoutTheRightTheyAreAbsent() async throws {
        try await StoreFixture.with { bench in
            let (name, database) = ("app_\(UInt32.random(in: 0 ... .max))", bench.database.options.database!)
            let administrator = try bench.database.connect()
            try administrator.run(text: "CREATE USER '\(name)'@'%' IDENTIFIED BY 'secret-1'")
            try administrator.run(text: "GRANT ALL PRIVILEGES ON `\(database)`.* TO '\(name)'@'%'")
            let store = MySQLStore(
                bench.database.signedIn(as: name, password: "secret-1").options, prefix: "", connections: 8,
                lifetime: .zero, lease: .seconds(60))
            let figures = try await store.monitoringFigures()
            try await onThread { store.close() }
            try administrator.run(text: "DROP USER '\(name)'@'%'")
            #expect(figures.historyListLength == nil)
            #expect(figures.oldestTransaction == nil)
            #expect(figures.alive == 0)
        }
    }
}
