import Migrations
import MySQL
import Scheduler
import TestSupport
import Testing

/// A scheduler keeps to the tables behind its prefix.
@Suite struct PrefixTests {
    static let names = Tables(prefix: "").all.map(\.text)

    @Test func aSchedulerRunsOnItsOwnTablesAndTouchesNoOthers() async throws {
        let receiver = TestServer { request in
            .answer(request.header("X-Task-Attempt") == "1" ? http(500) : http(200))
        }
        defer { receiver.stop() }
        try await TestDatabase.migrated(prefix: "hs_") { database in
            // Two more sets in the same database: without a prefix, and with one that begins alike.
            for prefix in ["", "hs_hs_"] { _ = try Migrator(options: database.options, prefix: prefix).up() }
            let prefixed: (inout Configuration) -> Void = { configuration in
                Configuration.farsighted(&configuration)
                configuration.masterDB.prefix = "hs_"
            }
            try await RunningScheduler.with(database, prefixed) { scheduler in
                var draft = TaskDraft.post(receiver.url())
                draft.retryDelays = [0.05]
                let retried = try await scheduler.accept(draft).id
                draft.maxRetries = 0
                let died = try await scheduler.accept(draft).id
                let far = try await scheduler.accept(.post(receiver.url(), in: .seconds(36_000))).id
                let near = try await scheduler.accept(.post(receiver.url(), in: .later)).id
                try await eventually { try await scheduler.task(retried).state == .succeeded }
                try await eventually { try await scheduler.task(died).state == .dead }
                #expect(try await scheduler.cancel(near).state == .cancelled)
                #expect(try await scheduler.runNow(far).version == 2)
                #expect(try await scheduler.retry(died).finishedAt == nil)
                #expect(try await scheduler.attempts(of: retried, after: 0, limit: 10).count == 2)
                try await eventually {
                    try await scheduler.tasks(TaskFilter(), before: nil, limit: 10).tasks.allSatisfy(\.state.isFinished)
                }
            }
            #expect(try database.count("hs_tasks") == 4)
            #expect(try database.count("hs_attempts") >= 4)
            for name in Self.names {
                // The row that says which days are closed comes with the table.
                let rows = name == "retention" ? 1 : 0
                #expect(try database.count(name) == rows, "\(name)")
                #expect(try database.count("hs_hs_\(name)") == rows, "hs_hs_\(name)")
            }
        }
    }

    @Test func twoSchedulersShareADatabaseByTheirPrefixes() async throws {
        let receiver = TestServer { _ in .answer(http(200)) }
        defer { receiver.stop() }
        try await TestDatabase.migrated(prefix: "a_") { database in
            _ = try Migrator(options: database.options, prefix: "b_").up()
            try await RunningScheduler.with(database, { $0.masterDB.prefix = "a_" }) { first in
                try await RunningScheduler.with(database, { $0.masterDB.prefix = "b_" }) { second in
                    let id = try await first.accept(.post(receiver.url("/a"))).id
                    _ = try await second.accept(.post(receiver.url("/b")))
                    for prefix in ["a_", "b_"] {
                        try await eventually { try database.count("\(prefix)tasks WHERE state = 1") == 1 }
                    }
                    await #expect(throws: SchedulerError.notFound(id)) { _ = try await second.task(id) }
                }
            }
        }
        #expect(Set(receiver.log.requests.map(\.path)) == ["/a", "/b"])
        #expect(receiver.log.requests.count == 2)
    }

    @Test func missingTablesAreNamed() async throws {
        try await TestDatabase.with { database in
            let failure = await #expect(throws: MySQLError.self) {
                try await RunningScheduler.with(database, { $0.masterDB.prefix = "hs_" }) { _ in }
            }
            #expect(failure?.code == .unsupportedServer)
            #expect(failure?.message.contains("hs_tasks") == true)
            #expect(failure?.message.contains("schedulerd migrate up") == true)
        }
    }
}
