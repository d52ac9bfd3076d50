import Accounts
import Glibc
import Importer
import MySQL
import Scheduler
import TestSupport
import Testing
import ThreadPool

@Suite struct DelayQueueImportTests {
    /// What an import into `database` needs, for as long as `body` runs.
    private struct Bench {
        let old: OldDelayQueue
        let database: TestDatabase
        let store: MySQLStore
        let users: UserStore

        @discardableResult
        func run(isDryRun: Bool = false) async throws -> ImportReport {
            let job = DelayQueueImport(
                from: old.source, prefix: "hs_", to: store, users: users, Configuration(), isDryRun: isDryRun)
            return try await job.run { _ in }
        }
    }

    private static func with(_ body: (Bench) async throws -> Void) async throws {
        try await OldDelayQueue.with { old in
            try await TestDatabase.migrated { database in
                let store = MySQLStore(
                    database.options, prefix: "", connections: 7, lifetime: .zero, lease: .seconds(60))
                let pool = ConnectionPool(database.options, .init(connections: 1))
                do {
                    try await body(
                        Bench(old: old, database: database, store: store, users: UserStore(pool, prefix: "")))
                } catch {
                    try await onThread {
                        pool.close()
                        store.close()
                    }
                    throw error
                }
                try await onThread {
                    pool.close()
                    store.close()
                }
            }
        }
    }

    private static let success = (1, "状态码： 200 响应信息： {\"success\":true}")
    private static let failure = (2, "状态码： 500 响应信息： 中文")

    /// 100,000 rows of history and 1,000 waiting tasks: the counts are equal, a dry run changes nothing, and a second run
    /// adds nothing.
    @Test func aWholeDatabaseOnce() async throws {
        try await Self.with { bench in
            let farAhead = "2099-01-01T00:00:00+08:00"
            // With SCHEDULERD_TEST_LARGE ten times as many, which takes long beside the other tests.
            let hundreds = getenv("SCHEDULERD_TEST_LARGE") == nil ? 100 : 1000
            let tasks = (0..<hundreds * 101).map { number -> OldDelayQueue.Task in
                switch number % 101 {
                case 100:
                    let message =
                        #"{"notify_url":"http://127.0.0.1:1/old","plan_time":"\#(farAhead)","method_name":"","notify_param":"n=\#(number)"}"#
                    return OldDelayQueue.Task(state: 0, parameter: message)
                case 0..<10:
                    return OldDelayQueue.Task(
                        state: 3, retries: 7, log: Array(repeating: Self.failure, count: number % 3))
                default:
                    return OldDelayQueue.Task(
                        state: 1, addedAt: OldDelayQueue.start + number % 86_400 * 100, log: [Self.success])
                }
            }
            try bench.old.add(tasks)
            try bench.old.addUser("管理员", isSuper: true)
            try bench.old.addUser("demo")
            let attempts = tasks.reduce(0) { $0 + $1.log.count }
            let expected: [ImportReport.Kind: Int] = [
                .users: 2, .succeeded: hundreds * 90, .failed: hundreds * 10, .pending: hundreds, .attempts: attempts,
            ]

            let dry = try await bench.run(isDryRun: true)
            for kind in ImportReport.Kind.allCases { #expect(dry[kind].imported == expected[kind], "\(kind)") }
            for table in ["users", "tasks", "attempts", "queues", "scheduled", "ready"] {
                #expect(try bench.database.count(table) == 0, "\(table)")
            }

            let report = try await bench.run()
            #expect(report.skipped.isEmpty)
            for kind in ImportReport.Kind.allCases { #expect(report[kind].imported == expected[kind], "\(kind)") }
            func check() throws {
                #expect(try bench.database.count("tasks WHERE state = 1 AND finished_at IS NOT NULL") == hundreds * 90)
                #expect(try bench.database.count("tasks WHERE state = 3") == hundreds * 10)
                #expect(try bench.database.count("dead_letters") == hundreds * 10)
                #expect(try bench.database.count("scheduled") == hundreds)
                #expect(
                    try bench.database.count(
                        "tasks WHERE state = 0 AND plan_time = '2098-12-31 16:00:00' AND body LIKE 'n=%'") == hundreds)
                #expect(try bench.database.count("attempts") == attempts)
                #expect(try bench.database.count("tasks PARTITION (later)") == 0)
            }
            try check()

            let again = try await bench.run()
            for kind in ImportReport.Kind.allCases {
                #expect(again[kind] == ImportReport.Count(present: expected[kind]!), "\(kind)")
            }
            try check()
            #expect(try bench.database.count("users") == 2)
        }
    }

    @Test func anImportedUserSignsInWithTheOldPassword() async throws {
        try await Self.with { bench in
            try bench.old.addUser("管理员", isSuper: true)
            try bench.old.addUser("demo")
            try bench.old.addUser("plain", hash: "secret")
            try bench.old.addUser("taken")
            let hash = try #require(PasswordHash("$2a$10$" + String(repeating: ".", count: 53)))
            try await bench.users.add(UserProfile(name: "Taken", role: .viewer), hash)
            let report = try await bench.run()
            #expect(report[.users] == ImportReport.Count(imported: 2, skipped: 2))
            #expect(report.skipped.map(\.example) == ["plain", "taken"])
            let passwords = Passwords()
            let administrator = try #require(
                try await bench.users.signIn("管理员", OldDelayQueue.password, passwords))
            #expect(administrator.isOutdated)
            #expect(administrator.user.profile.role == .administrator)
            #expect(administrator.user.profile.realName == "沈")
            #expect(administrator.user.createdAt.microseconds == Int64(OldDelayQueue.start) * 1_000_000)
            let demo = try #require(try await bench.users.signIn("demo", OldDelayQueue.password, passwords))
            #expect(demo.user.profile.role == .viewer)
            #expect(try await bench.users.signIn("demo", "pleaseletmeout", passwords) == nil)
            try await onThread { passwords.close() }
            // A new name is no reason to import him again.
            try bench.database.change("UPDATE users SET name = 'other' WHERE name = 'demo'")
            #expect(try await bench.run()[.users] == ImportReport.Count(present: 2, skipped: 2))
        }
    }

    @Test func whatIsNotImportedIsSaid() async throws {
        try await Self.with { bench in
            try bench.old.add([
                OldDelayQueue.Task(state: 1, log: [Self.failure, Self.success]),
                OldDelayQueue.Task(state: 9, log: [Self.failure]),
                OldDelayQueue.Task(state: 0, url: "nonsense"),
            ])
            // The same UUID again, a log of nobody's, and a row that is not the program's.
            try bench.old.add([OldDelayQueue.Task(state: 1)], first: 1)
            try bench.old.database.change("UPDATE hs_task SET queue_index = 'x' WHERE state = 9")
            try bench.old.database.change(
                "UPDATE hs_task_log SET queue_index = 'x' WHERE queue_index = \(OldDelayQueue.uuid(2))")
            try bench.old.database.change(
                "INSERT INTO hs_task_log (queue_index, response, curl) VALUES ('0', '', ''), ('y', '', '')")
            let report = try await bench.run()
            #expect(report[.succeeded] == ImportReport.Count(imported: 1, skipped: 1))
            #expect(report[.pending] == ImportReport.Count(skipped: 2))
            #expect(report[.attempts] == ImportReport.Count(imported: 2, skipped: 3))
            #expect(try bench.database.count("tasks") == 1)
            let lines = report.lines().joined(separator: "\n")
            for text in ["same queue_index", "its state", "notify_url must begin", "no task has their queue_index"] {
                #expect(lines.contains(text), "\(text)")
            }
        }
    }

    /// Killed in the middle, it is run again: what was done stays, the rest follows.
    @Test func aBrokenOffImportGoesOn() async throws {
        try await Self.with { bench in
            try bench.old.add((0..<3000).map { _ in OldDelayQueue.Task(state: 1, log: [Self.success]) })
            let import1 = Task { try await bench.run() }
            try await eventually { try bench.database.count("tasks") > 0 }
            import1.cancel()
            _ = await import1.result
            try bench.database.change("DELETE FROM tasks ORDER BY id LIMIT 700")
            try bench.database.change("DELETE FROM attempts WHERE task_id NOT IN (SELECT id FROM tasks)")
            let report = try await bench.run()
            #expect(report[.succeeded].found == 3000)
            #expect(report[.succeeded].imported >= 700)
            #expect(try bench.database.count("tasks") == 3000)
            #expect(try bench.database.count("attempts") == 3000)
        }
    }

    /// Two at once: each task is there once.
    @Test func twoImportsAtOnce() async throws {
        try await Self.with { bench in
            try bench.old.add((0..<2000).map { _ in OldDelayQueue.Task(state: 1, log: [Self.success]) })
            async let first = bench.run()
            async let second = bench.run()
            let reports = try await [first, second]
            #expect(reports.allSatisfy { $0[.succeeded].found == 2000 })
            #expect(try bench.database.count("tasks") == 2000)
            #expect(try bench.database.count("attempts") == 2000)
        }
    }

    @Test func importedTasksAreRunAndGoOnWithTheirRetries() async throws {
        let receiver = TestServer { request in
            .answer(request.path == "/fails" ? http(500) : http(200, body: #"{"success":true}"#))
        }
        defer { receiver.stop() }
        try await Self.with { bench in
            let failures = Array(repeating: Self.failure, count: 6)
            try bench.old.add([
                OldDelayQueue.Task(state: 0, url: receiver.url("/waiting")),
                OldDelayQueue.Task(
                    state: 2, url: receiver.url("/retried"), method: "POST", parameter: "order=42", retries: 6,
                    log: failures),
                OldDelayQueue.Task(state: 2, url: receiver.url("/fails"), retries: 6, log: failures),
            ])
            try await bench.run()
            try await RunningScheduler.with(bench.database) { scheduler in
                try await eventually { try bench.database.count("tasks WHERE state IN (1, 3)") == 3 }
                let all = try await scheduler.tasks(TaskFilter(), before: nil, limit: 10).tasks
                let dead = try #require(all.first { $0.state == .dead })
                #expect(dead.task.request.url == receiver.url("/fails"))
                #expect(dead.attempt == 7)
                #expect(try await scheduler.attempts(of: dead.id, after: 0, limit: 10).map(\.attempt) == Array(1...7))
                #expect(dead.createdAt.microseconds == Int64(OldDelayQueue.start) * 1_000_000)
            }
            #expect(Set(receiver.log.requests.map(\.path)) == ["/waiting", "/retried", "/fails"])
            let retried = try #require(receiver.log.requests.first { $0.path == "/retried" })
            #expect(retried.method == "POST")
            #expect(retried.body == Array("order=42".utf8))
            #expect(retried.header("X-Task-Attempt") == "7")
        }
    }

    @Test func aMissingTableIsAnError() async throws {
        try await Self.with { bench in
            try bench.old.database.change("DROP TABLE hs_task_log")
            let error = await #expect(throws: MySQLError.self) { try await bench.run() }
            #expect(error?.code == .noSuchTable)
        }
    }
}

extension ImportReport.Count {
    fileprivate init(imported: Int = 0, present: Int = 0, skipped: Int = 0) {
        self.init()
        self.imported = imported
        self.present = present
        self.skipped = skipped
    }
}
