import Foundation
import MySQL
import Redis
import TestSupport
import Testing

/// `schedulerd doctor` on real servers.
@Suite(.serialized) struct DoctorTests {
    private struct Report: Decodable {
        struct Finding: Decodable {
            var level, subject, state: String
            var advice: String?
        }

        var worst: String
        var findings: [Finding]

        func level(_ subject: String) -> String? {
            findings.filter { $0.subject.hasPrefix(subject) }.map(\.level).max { Self.rank($0) < Self.rank($1) }
        }

        private static func rank(_ level: String) -> Int { ["ok", "warning", "problem"].firstIndex(of: level)! }
    }

    private static func examine(
        _ database: TestDatabase, _ redis: TestRedis, more: String = ""
    ) async throws -> (status: Int32, report: Report) {
        try await Program.with { program in
            let file = try program.write(
                database.yaml + "redis: {socket: \(redis.options.socket!)}\n" + more, to: "schedulerd.yaml")
            let ended = try await program.run("doctor", "--json", "--config", file)
            return (ended.status, try JSONDecoder().decode(Report.self, from: Data(ended.output.utf8)))
        }
    }

    @Test func aFreshDatabaseHasNoProblem() async throws {
        try await TestDatabase.migrated { database in
            try await TestRedis.with(["--appendonly", "yes"]) { redis in
                let (status, report) = try await Self.examine(database, redis)
                #expect(status == 0)
                for subject in ["durability", "migrations", "schema", "SKIP LOCKED", "clock", "time zone", "Redis"] {
                    #expect(report.level(subject) == "ok", "\(subject): \(report)")
                }
                // The tests' user may do everything, and nothing has run here yet.
                #expect(report.level("audit log") == "warning")
                #expect(report.level("partitions") == "warning")
                #expect(report.findings.allSatisfy { ($0.level == "ok") == ($0.advice == nil) })
            }
        }
    }

    @Test func driftOfTheSchemaIsAProblem() async throws {
        try await TestDatabase.migrated { database in
            try await TestRedis.with(["--appendonly", "yes"]) { redis in
                let connection = try database.connect()
                try connection.run(text: "ALTER TABLE queues DROP COLUMN paused_at")
                try connection.run(text: "DROP TABLE task_copies")
                try connection.run(text: "ALTER TABLE users MODIFY name VARCHAR(30) NOT NULL")
                try connection.run(text: "UPDATE schema_migrations SET checksum = 'x' WHERE version = 3")
                let (status, report) = try await Self.examine(database, redis)
                #expect(status == 1)
                #expect(report.worst == "problem")
                #expect(report.level("migrations") == "problem")
                let schema = try #require(report.findings.first { $0.subject == "schema" })
                #expect(schema.state == "lacks queues.paused_at, the table task_copies")
                let types = report.findings.first { $0.subject == "column types" }
                #expect(types?.state.hasPrefix("users.name is varchar(30), not varchar(") == true)
            }
        }
    }

    @Test func settingsOfTheServersAreJudged() async throws {
        try await TestDatabase.migrated { database in
            try await TestRedis.with(["--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"]) { redis in
                let connection = try database.connect()
                try connection.run(text: "SET GLOBAL innodb_flush_log_at_trx_commit = 2")
                let result: (status: Int32, report: Report)
                do {
                    result = try await Self.examine(database, redis, more: "intake: {buffer: redis}\n")
                } catch {
                    try connection.run(text: "SET GLOBAL innodb_flush_log_at_trx_commit = 1")
                    throw error
                }
                try connection.run(text: "SET GLOBAL innodb_flush_log_at_trx_commit = 1")
                #expect(result.status == 1)
                #expect(result.report.level("durability") == "problem")
                let redis = result.report.findings.filter { $0.subject.hasPrefix("Redis") }.map(\.level)
                #expect(redis == ["ok", "problem", "problem"])
            }
        }
    }

    @Test func serversThatAreAwayAreProblems() async throws {
        try await TestDatabase.migrated { database in
            try await Program.with { program in
                let file = try program.write(
                    """
                    master_db: {socket: /nowhere/db.sock, db_pwd: secret-word}
                    redis: {socket: /nowhere/redis.sock, db_pwd: secret-word}

                    """, to: "schedulerd.yaml")
                let ended = try await program.run("doctor", "--config", file)
                #expect(ended.status == 1)
                #expect(
                    ended.output.contains("problem  database schedulerd@/nowhere/db.sock/schedulerd: cannot be used"))
                #expect(ended.output.contains("problem  Redis"))
                #expect(!ended.output.contains("secret-word") && !ended.errors.contains("secret-word"))
            }
        }
    }
}
