import Foundation
import MySQL
import Redis
import Scheduler
import TestSupport
import Testing
import ThreadPool

/// Messages of the old producers become tasks, each once.
@Suite struct SourceDrainTests {
    static func listMessage(_ number: Int) -> String {
        #"{"notify_url":"http://127.0.0.1:9/l?n=\#(number)","plan_time":"2090-06-23T10:45:54.0878551+08:00","method_name":"post","notify_param":"n=\#(number)"}"#
    }

    static func jobMessage(_ number: Int) -> String {
        #"{"body":{"n":\#(number)},"callback":"http://127.0.0.1:9/s?n=\#(number)","sign":"x"}"#
    }

    /// An instance that takes messages from a key of either kind.
    private func withSources(
        _ redis: TestRedis, _ database: TestDatabase, _ body: (SchedulerService) async throws -> Void
    ) async throws {
        let yaml = """
            redis: {socket: \(redis.options.socket!)}
            intake:
              batch: 50
              sources:
                - {key: list, kind: list}
                - {key: jobs, kind: sorted_set}
            """
        let sources = try Configuration.load(yaml: yaml, name: "test").configuration
        try await RunningScheduler.with(
            database,
            { configuration in
                configuration.roles = [.api, .intake, .worker]
                configuration.intake = sources.intake
                configuration.redis = sources.redis
            }, body)
    }

    private func count(_ database: TestDatabase, _ what: MySQL.Query) async throws -> Int {
        try await onThread {
            let connection = try database.connect()
            return try connection.run(what).rows[0].integer(0)
        }
    }

    @Test func severalInstancesMakeOneTaskOfEachMessage() async throws {
        try await TestRedis.with { redis in
            try await TestDatabase.migrated { database in
                let connection = try redis.connect()
                // Equal messages of a list are as many tasks; equal members of a sorted set are one.
                for number in 0..<400 {
                    try connection.run(["RPUSH", "list", Self.listMessage(number / 2)])
                    try connection.run(["ZADD", "jobs", 3_786_912_000 + number, Self.jobMessage(number / 2)])
                }
                // What a dead instance took, a part of it committed.
                let pool = Redis.ConnectionPool(redis.options, .init(connections: 1))
                defer { pool.close() }
                let list = RedisSource(pool, key: "list", kind: .list)
                _ = try await list.take(
                    .init(count: 30, messageBytes: 1000), as: 1_000_000,
                    first: TaskID(milliseconds: 1_795_255_200_000, random: (1, 0)))
                try await withSources(redis, database) { _ in
                    try await withSources(redis, database) { scheduler in
                        try await eventually {
                            let sources = await scheduler.sources()
                            return sources.count == 2 && sources.allSatisfy { $0.depth == 0 }
                        }
                    }
                }
                #expect(try await count(database, "SELECT COUNT(*) FROM tasks") == 600)
                #expect(try await count(database, "SELECT COUNT(DISTINCT url) FROM tasks") == 400)
                #expect(
                    try await count(database, "SELECT COUNT(*) FROM tasks")
                        == count(
                            database,
                            "SELECT COUNT(*) FROM tasks WHERE plan_time > '2089-01-01' AND state = 0 AND method = 'POST'"
                        ))
                #expect(try connection.run(["KEYS", "*:taken:*"]).asArray.isEmpty)
            }
        }
    }

    /// The COMMIT took effect and nobody saw it: the messages are still there, and their tasks too.
    @Test func whatIsCommittedAlreadyIsOnlyAcknowledged() async throws {
        try await TestRedis.with { redis in
            try await TestDatabase.migrated { database in
                let connection = try redis.connect()
                for number in 0..<10 { try connection.run(["RPUSH", "list", Self.listMessage(number)]) }
                let pool = Redis.ConnectionPool(redis.options, .init(connections: 1))
                defer { pool.close() }
                _ = try await RedisSource(pool, key: "list", kind: .list).take(
                    .init(count: 10, messageBytes: 1000), as: 1_000_000,
                    first: TaskID(milliseconds: 1_795_255_200_000, random: (1, 0)))
                let dump = try connection.run(["LRANGE", "list:taken:1000000", 0, -1]).asArray.map { try $0.asBytes }
                for _ in 1...2 {
                    try await withSources(redis, database) { scheduler in
                        try await eventually { await scheduler.sources().allSatisfy { $0.depth == 0 } }
                    }
                    #expect(try await count(database, "SELECT COUNT(*) FROM tasks") == 10)
                    // The same again.
                    for entry in dump { try connection.run(["RPUSH", "list:taken:1000001", entry]) }
                    try connection.run(["SADD", "list:takers", "1000001"])
                }
            }
        }
    }

    @Test func whatCannotBecomeATaskIsInQuarantine() async throws {
        try await TestRedis.with { redis in
            try await TestDatabase.migrated { database in
                let connection = try redis.connect()
                try connection.run(["RPUSH", "list", "nonsense", Self.listMessage(1), #"{"notify_url":"/x"}"#])
                try connection.run(["RPUSH", "list", String(repeating: "x", count: 2 << 20)])
                try connection.run(["ZADD", "jobs", "inf", Self.jobMessage(1), 5, Self.jobMessage(2)])
                try await withSources(redis, database) { scheduler in
                    try await eventually { try await scheduler.quarantined(before: nil, limit: 10).count == 4 }
                    let messages = try await scheduler.quarantined(before: nil, limit: 10)
                    #expect(messages.map(\.id) == messages.map(\.id).sorted(by: >))
                    let reasons = messages.map(\.reason)
                    #expect(reasons.contains("is not a JSON object"))
                    #expect(reasons.contains("notify_url must begin with http:// or https://"))
                    #expect(reasons.contains { $0.hasSuffix("it is in list:oversized") })
                    #expect(reasons.contains { $0.hasPrefix("the score inf") })
                    try await eventually { try await count(database, "SELECT COUNT(*) FROM tasks") == 2 }

                    // It stays while nothing has changed, and becomes a task when it can be one.
                    let bad = try #require(messages.first { $0.reason == "is not a JSON object" })
                    await #expect(throws: ValidationError.self) { try await scheduler.retryQuarantined(bad.id) }
                    #expect(try await scheduler.quarantined(bad.id).message == Array("nonsense".utf8))
                    try await onThread {
                        let sql = try database.connect()
                        let mended: MySQL.Query =
                            "UPDATE quarantine SET message = \(Array(Self.listMessage(7).utf8)) WHERE id = \(bad.id)"
                        _ = try sql.run(mended)
                    }
                    let task = try await scheduler.retryQuarantined(bad.id)
                    #expect(task.id == bad.id)
                    #expect(task.task.request.url == "http://127.0.0.1:9/l?n=7")
                    await #expect(throws: SchedulerError.notFound(bad.id)) { try await scheduler.quarantined(bad.id) }
                    for message in try await scheduler.quarantined(before: nil, limit: 10) {
                        try await scheduler.deleteQuarantined(message.id)
                    }
                    #expect(try await scheduler.quarantined(before: nil, limit: 10).isEmpty)
                }
            }
        }
    }

    /// Redis ends and comes back, a key is of another type: it goes on by itself.
    @Test func itGoesOnWhenRedisIsBack() async throws {
        try await TestRedis.with(["--appendonly", "yes"], timeout: .seconds(2)) { redis in
            try await TestDatabase.migrated { database in
                try redis.connect().run(["SET", "list", "x"])
                try await withSources(redis, database) { scheduler in
                    try await eventually {
                        await scheduler.sources().contains { $0.key == "list" && $0.problem != nil }
                    }
                    redis.kill()
                    try await eventually { await scheduler.sources().allSatisfy { $0.problem != nil } }
                    try await redis.start(["--appendonly", "yes"])
                    let connection = try redis.connect()
                    try connection.run(["DEL", "list"])
                    try connection.run(["RPUSH", "list", Self.listMessage(1)])
                    try connection.run(["ZADD", "jobs", 3_786_912_000, Self.jobMessage(1)])
                    try await eventually { try await count(database, "SELECT COUNT(*) FROM tasks") == 2 }
                    try await eventually { await scheduler.sources().allSatisfy { $0.problem == nil } }
                }
            }
        }
    }
}
