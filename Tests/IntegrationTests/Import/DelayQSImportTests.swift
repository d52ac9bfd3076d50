import Glibc
import Importer
import Logging
import MySQL
import Redis
import Scheduler
import TestSupport
import Testing

@Suite struct DelayQSImportTests {
    private struct Bench {
        let old: OldDelayQS
        let database: TestDatabase
        let store: MySQLStore

        @discardableResult
        func run(isDryRun: Bool = false) async throws -> ImportReport {
            let input = ConfigurationInput(file: nil, delayQSFile: "config.json")
            let configuration = try input.check(
                ConfigurationInput.Content(file: nil, delayQSFile: .bytes(Array(old.file.utf8)))
            ).configuration
            let job = DelayQSImport(
                from: configuration.intake.sources.last!, try DelayQSKeys(file: Array(old.file.utf8)), to: store,
                configuration, isDryRun: isDryRun, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            return try await job.run { _ in }
        }
    }

    private static func with(_ body: (Bench) async throws -> Void) async throws {
        try await OldDelayQS.with { old in
            try await TestDatabase.migrated { database in
                let store = MySQLStore(
                    database.options, prefix: "", connections: 7, lifetime: .zero, lease: .seconds(60))
                do {
                    try await body(Bench(old: old, database: database, store: store))
                } catch {
                    try await onThread { store.close() }
                    throw error
                }
                try await onThread { store.close() }
            }
        }
    }

    @Test func everyJobBecomesOneTask() async throws {
        try await Self.with { bench in
            try bench.old.addWaiting(0..<1000)
            // Taken up, failed once and due again: 10 in the sorted set still, 5 not, one id of nothing.
            try bench.old.addWaiting(1000..<1010, at: 1_592_880_354)
            try bench.old.addBodies(1000..<1015, toRetry: true)
            _ = try bench.old.redis.connect().run(["RPUSH", "retries", OldDelayQS.xid(5000)])
            // Ended under another id.
            try bench.old.addBodies(2000..<2003, toRetry: false)
            // One of schedulerd's own, one without a URL.
            let foreign = OldDelayQS.failed(1, id: "0172ca47-ca50-7b43-b985-10928955fdba")
            let broken = #"{"Id":"\#(OldDelayQS.xid(9000))","body":1}"#
            try bench.old.addFailed([foreign, broken] + (3000..<3250).map { OldDelayQS.failed($0) })

            let before = try bench.old.counts
            let dry = try await bench.run(isDryRun: true)
            #expect(try bench.old.counts == before)
            #expect(dry[.pending].imported == 1015)
            #expect(dry[.failed].imported == 250)
            #expect(try bench.database.count("tasks") == 0)

            let report = try await bench.run()
            #expect(report[.pending].imported == 1015)
            #expect(report[.failed].imported == 250)
            #expect(report[.failed].skipped == 2)
            #expect(report.notes.map { $0.prefix(10) } == ["1 ids of r", "3 entries "])
            #expect(try bench.old.counts == [0, 0, 3, 2])
            #expect(try bench.database.count("tasks WHERE state = 0") == 1015)
            #expect(try bench.database.count("scheduled") == 1000)
            #expect(try bench.database.count("ready") == 15)
            #expect(try bench.database.count("tasks WHERE state = 3") == 250)
            #expect(try bench.database.count("dead_letters") == 250)
            let body = try bench.database.connect().run(
                "SELECT body, plan_time, max_retries, retry_delays FROM tasks WHERE state = 0 AND body LIKE '%3A7\\%2C%'"
            ).rows
            #expect(body.count == 1)
            #expect(
                try body[0].text(0)
                    == "body=%7B%22orderId%22%3A7%2C%22%E5%90%8D%22%3A%22%E4%B8%AD%2F%C3%A9%22%7D&sign=0cc175b9c0f1b6a831c399e269772661"
            )
            #expect(try body[0].time(1).microseconds == Int64(OldDelayQS.farAhead) * 1_000_000)
            #expect(try body[0].integer(2) == 3)
            #expect(try body[0].text(3) == "5")

            let again = try await bench.run()
            #expect(again[.pending].found == 0)
            #expect(again[.failed].imported == 0)
            #expect(try bench.database.count("tasks") == 1265)
        }
    }

    @Test func whatCannotBecomeATaskIsInQuarantine() async throws {
        try await Self.with { bench in
            try bench.old.addWaiting(0..<3)
            _ = try bench.old.redis.connect().run(["ZADD", "jobs", 5, "nonsense"])
            let report = try await bench.run()
            #expect(report[.pending].imported == 3)
            #expect(report[.pending].skipped == 1)
            #expect(report.lines().contains { $0.contains("schedulerd quarantine list") })
            #expect(try bench.database.count("quarantine") == 1)
            #expect(try bench.old.counts[0] == 0)
        }
    }

    /// The role intake took the sorted set before: what is to be retried was in it.
    @Test func afterTheIntakeRetriesAreLeft() async throws {
        try await Self.with { bench in
            try bench.old.addBodies(0..<5, toRetry: true)
            _ = try bench.old.redis.connect().run(["SADD", "jobs:takers", "7"])
            let report = try await bench.run()
            #expect(report[.pending].imported == 0)
            #expect(report[.pending].skipped == 5)
            #expect(try bench.database.count("tasks") == 0)
            #expect(try bench.old.counts[1] == 5)
        }
    }

    /// Killed over and over at any moment, and run to its end at last: every job is one task.
    @Test func killedAtAnyMoment() async throws {
        try await Self.with { bench in
            try bench.old.addWaiting(0..<8000)
            try bench.old.addBodies(7900..<8100, toRetry: true)
            try bench.old.addFailed((9000..<11_000).map { OldDelayQS.failed($0) })
            try await ScratchFolder.with { scratch in
                let options = bench.database.options
                try scratch.write(
                    "schedulerd.yaml",
                    """
                    master_db:
                      {socket: "\(options.socket!)", db_user: \(options.user), db_name: \(options.database!), \
                    db_pwd: "\(options.password)"}
                    intake: {batch: 100}

                    """)
                try scratch.write("config.json", bench.old.file)
                let command = [
                    ChildProcess.schedulerd, "import", "delayqs", "--config", scratch.path("schedulerd.yaml"),
                    "--delayqs-config", scratch.path("config.json"),
                ]
                var kills = 0
                while kills < 12 {
                    let process = try ChildProcess(command, output: scratch.path("killed"))
                    // Any moment will do, the one after its end too.
                    try await Task.sleep(for: .milliseconds(.random(in: 100...700)))
                    process.signal(SIGKILL)
                    _ = try await process.wait()
                    kills += 1
                }
                let last = try await ChildProcess.run(command, in: scratch)
                #expect(last.status == 0, "\(last.output)")
                #expect(try bench.old.counts == [0, 0, 0, 0])
                let connection = try bench.database.connect()
                for (state, count) in [(0, 8100), (3, 2000)] {
                    let row = try connection.run(
                        "SELECT COUNT(*), COUNT(DISTINCT body) FROM tasks WHERE state = \(state)"
                    ).rows[0]
                    #expect(try row.integer(0) == count)
                    #expect(try row.integer(1) == count)
                }
                let taken = try bench.old.redis.connect().run(["KEYS", "jobs:taken:*"]).asArray
                #expect(taken.isEmpty)
            }
        }
    }
}
