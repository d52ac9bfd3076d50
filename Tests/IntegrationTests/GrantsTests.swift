import Accounts
import Foundation
import Migrations
import MySQL
import Scheduler
import TestSupport
import Testing
import ThreadPool

/// `sql/grants.sql` gives enough, and no more.
@Suite struct GrantsTests {
    private static let file = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "sql/grants.sql")
    private static let hash = PasswordHash("$2a$10$" + String(repeating: ".", count: 53))!

    /// A migrated database, as the three users see it.
    private struct Users {
        var application: TestDatabase
        var migration: TestDatabase
        var reports: TestDatabase
    }

    private static func with(
        prefix: String, _ body: (TestDatabase, Users) async throws -> Void
    ) async throws {
        try await TestDatabase.migrated(prefix: prefix) { database in
            let user = "app_\(UInt32.random(in: 0 ... .max))"
            var text = try String(contentsOf: file, encoding: .utf8)
            for (placeholder, value) in [
                ("{database}", database.options.database!), ("{prefix}", prefix), ("{host}", "%"),
                ("{password}", "secret-1"), ("{migration_password}", "secret-2"), ("{report_password}", "secret-3"),
                ("'schedulerd'@", "'\(user)'@"), ("'schedulerd_migrate'@", "'\(user)_m'@"),
                ("'schedulerd_reports'@", "'\(user)_r'@"),
            ] {
                text = text.replacing(placeholder, with: value)
            }
            try database.connect().run(text: text)
            let dropUsers = "DROP USER '\(user)'@'%', '\(user)_m'@'%', '\(user)_r'@'%'"
            do {
                try await body(
                    database,
                    Users(
                        application: database.signedIn(as: user, password: "secret-1"),
                        migration: database.signedIn(as: "\(user)_m", password: "secret-2"),
                        reports: database.signedIn(as: "\(user)_r", password: "secret-3")))
            } catch {
                try database.connect().run(text: dropUsers)
                throw error
            }
            try database.connect().run(text: dropUsers)
        }
    }

    @Test func everyTableAndViewIsThere() async throws {
        try await TestDatabase.migrated { database in
            let text = try String(contentsOf: Self.file, encoding: .utf8)
            for table in try MigrationTests.tables(database).union(MigrationTests.views(database)) {
                #expect(text.contains(".`{prefix}\(table)` TO"), "sql/grants.sql lacks \(table)")
            }
        }
    }

    @Test func theAuditLogIsNotChanged() async throws {
        try await Self.with(prefix: "hs_") { database, users in
            let pool = ConnectionPool(users.application.options, .init(connections: 2, waitTimeout: .seconds(60)))
            let log = AuditLog(pool, prefix: "hs_")
            try await log.record(AuditEvent(.signIn, actor: "alice"))
            for statement in [
                "UPDATE hs_audit_events SET actor = 'bob'", "DELETE FROM hs_audit_events", "TRUNCATE hs_audit_events",
                "REPLACE INTO hs_audit_events SELECT * FROM hs_audit_events", "DROP TABLE hs_audit_events",
                "ALTER TABLE hs_audit_events DROP COLUMN actor", "RENAME TABLE hs_audit_events TO hs_x",
                "INSERT INTO hs_audit_events SELECT * FROM hs_audit_events ON DUPLICATE KEY UPDATE actor = 'bob'",
                "CREATE TABLE hs_x (id INT)",
                "CREATE TRIGGER x BEFORE INSERT ON hs_audit_events FOR EACH ROW SET @x = 1",
                "UPDATE hs_schema_migrations SET version = 1", "DROP TABLE hs_claims", "DROP TABLE hs_dead_letters",
                "DELETE FROM hs_retention", "GRANT ALL ON *.* TO CURRENT_USER()",
            ] {
                let error = #expect(throws: MySQLError.self, "\(statement)") {
                    try users.application.connect().run(text: statement)
                }
                // Access denied, to the table, the database or all; or a missing privilege.
                #expect([1044, 1045, 1142, 1227, 1370].contains(error?.code.rawValue), "\(statement): \(error!)")
            }
            #expect(try await log.events(AuditFilter(), limit: 10).events.map(\.actor) == ["alice"])
            #expect(try database.count("hs_audit_events") == 1)
            try await onThread { pool.close() }
        }
    }

    @Test func aSchedulerHasAllThatItNeeds() async throws {
        let receiver = TestServer { request in
            .answer(request.header("X-Task-Attempt") == "1" ? http(500) : http(200))
        }
        defer { receiver.stop() }
        try await Self.with(prefix: "") { database, users in
            #expect(try Self.partitions(database) == 1)
            let folder = FileManager.default.temporaryDirectory.appending(path: "grants-\(UUID())")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
            defer { try? FileManager.default.removeItem(at: folder) }  // What is left is the system's to remove.
            let old = DayPartition(day: .now - .seconds(86_400 * 100))
            for table in ["tasks", "attempts"] {
                try database.connect().run(
                    text: """
                        ALTER TABLE \(table) REORGANIZE PARTITION later INTO (
                        PARTITION \(old.name) VALUES LESS THAN (0x\(old.bound.hex)), PARTITION later VALUES LESS THAN (MAXVALUE))
                        """)
            }
            try await RunningScheduler.with(
                users.application,
                {
                    Configuration.farsighted(&$0)
                    $0.retention.exportFolder = folder.path
                }
            ) { scheduler in
                try await eventually { try database.count("retention WHERE removed_day IS NOT NULL") == 1 }
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 2)
                var draft = TaskDraft.post(receiver.url())
                draft.retryDelays = [0.05]
                let retried = try await scheduler.accept(draft).id
                draft.maxRetries = 0
                let died = try await scheduler.accept(draft).id
                draft.queue = "another"
                let replayed = try await scheduler.accept(draft).id
                let far = try await scheduler.accept(.post(receiver.url(), in: .seconds(36_000))).id
                let near = try await scheduler.accept(.post(receiver.url(), in: .later)).id
                try await eventually { try await scheduler.task(retried).state == .succeeded }
                for id in [died, replayed] { try await eventually { try await scheduler.task(id).state == .dead } }
                #expect(try await scheduler.cancel(near).state == .cancelled)
                #expect(try await scheduler.runNow(far).version == 2)
                #expect(try await scheduler.retry(replayed).finishedAt == nil)
                #expect(try await scheduler.attempts(of: retried, after: 0, limit: 10).count == 2)
                try await eventually { try Self.partitions(database) > 1 }
                try await eventually {
                    try await scheduler.tasks(TaskFilter(), before: nil, limit: 10).tasks.allSatisfy(\.state.isFinished)
                }
            }
            #expect(try database.count("claims") == 0)
        }
    }

    @Test func usersAreManaged() async throws {
        try await Self.with(prefix: "hs_") { _, users in
            let pool = ConnectionPool(users.application.options, .init(connections: 2, waitTimeout: .seconds(60)))
            let users = UserStore(pool, prefix: "hs_")
            #expect(try await users.addFirstAdministrator(Self.hash))
            try await users.add(UserProfile(name: "alice", role: .administrator), Self.hash)
            try await users.setPassword(of: "alice", Self.hash)
            try await users.delete("admin")
            #expect(try await users.all().count == 1)
            #expect(try await users.sortKey(of: "Alice") == users.sortKey(of: "alice"))
            try await onThread { pool.close() }
        }
    }

    @Test func theOtherUserMigrates() async throws {
        try await Self.with(prefix: "") { database, users in
            // Not by the user who migrates: he cannot drop an administrator's views.
            let connection = try database.connect()
            for view in try MigrationTests.views(database) { try connection.run(text: "DROP VIEW \(view)") }
            for table in try MigrationTests.tables(database) { try connection.run(text: "DROP TABLE \(table)") }
            let migrator = Migrator(options: users.migration.options, prefix: "")
            _ = try await onThread { try migrator.up() }
            #expect(try Migrator(options: users.application.options, prefix: "").verify().isEmpty)
            // What it has made can be read by those who may read nothing else.
            for view in ReportView.all {
                try users.reports.connect().run(text: "SELECT * FROM \(view.name)")
            }
        }
    }

    @Test func reportsAreReadAndNothingElse() async throws {
        try await Self.with(prefix: "hs_") { database, users in
            let connection = try users.reports.connect()
            for view in ReportView.all { try connection.run(text: "SELECT * FROM hs_\(view.name)") }
            var statements = try MigrationTests.tables(database).map { "SELECT 1 FROM \($0)" }
            statements += [
                "DELETE FROM hs_report_tasks", "UPDATE hs_report_tasks SET url = ''", "DROP VIEW hs_report_tasks",
                "INSERT INTO hs_report_tasks (url) VALUES ('')", "CREATE OR REPLACE VIEW hs_report_tasks AS SELECT 1",
                "CREATE TABLE hs_x (id INT)", "SHOW CREATE VIEW hs_report_tasks",
            ]
            for statement in statements {
                let error = #expect(throws: MySQLError.self, "\(statement)") { try connection.run(text: statement) }
                #expect([1044, 1045, 1142].contains(error?.code.rawValue), "\(statement): \(error!)")
            }
        }
    }

    private static func partitions(_ database: TestDatabase) throws -> Int {
        try database.count(
            "information_schema.PARTITIONS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'tasks'")
    }
}
