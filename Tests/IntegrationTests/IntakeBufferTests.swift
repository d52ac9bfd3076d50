import Foundation
import Logging
import MySQL
import Redis
import Scheduler
import TestSupport
import Testing
import ThreadPool

@Suite struct IntakeBufferTests {
    static let task = NewTask(
        queue: "orders", planTime: Timestamp(microseconds: 1_795_255_200_250_001),
        request: CallbackRequest(
            method: "POST", url: "http://127.0.0.1:9/x", headers: [HeaderField(name: "X-A", value: "ü")],
            body: [0, 255, 10, 39], maxRedirects: 2),
        successRule: .legacyJSONSuccess, retrySchedule: RetrySchedule(maxRetries: 3, delays: [.milliseconds(1500)]),
        timeout: .seconds(7), onLost: .dead, labels: ["order": "42"])

    static func id(_ number: UInt64) -> TaskID {
        TaskID(milliseconds: 1_795_255_200_000, random: (number, number << 2))
    }

    static func message(_ number: UInt64) -> (id: TaskID, content: [UInt8]) {
        let task = BufferedTask(createdAt: Timestamp(microseconds: 1_795_255_200_000_000), task: task)
        // A value that always encodes.
        return (id(number), Array(try! JSONEncoder().encode(task)))
    }

    static func withBuffer(
        connections: Int = 2, timeout: Duration? = nil, _ body: (RedisSource, TestRedis) async throws -> Void
    ) async throws {
        try await TestRedis.with(timeout: timeout) { redis in
            let pool = Redis.ConnectionPool(redis.options, .init(connections: connections))
            do {
                try await body(RedisSource(pool, key: "intake", kind: .buffer), redis)
                pool.close()
            } catch {
                pool.close()
                throw error
            }
        }
    }

    @Test func weaknessIsTold() async throws {
        try await Self.withBuffer { buffer, redis in
            let connection = try redis.connect()
            _ = try connection.run(["CONFIG", "SET", "appendonly", "no"])
            #expect(try await buffer.weakness()?.contains("appendonly") == true)
            _ = try connection.run(["CONFIG", "SET", "appendonly", "yes"])
            _ = try connection.run(["CONFIG", "SET", "appendfsync", "everysec"])
            #expect(try await buffer.weakness()?.contains("appendfsync") == true)
            _ = try connection.run(["CONFIG", "SET", "appendfsync", "always"])
            #expect(try await buffer.weakness() == nil)
            _ = try connection.run(["CONFIG", "SET", "maxmemory", "100mb"])
            #expect(try await buffer.weakness() == nil)
            _ = try connection.run(["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"])
            #expect(try await buffer.weakness()?.contains("maxmemory-policy") == true)
        }
    }

    /// By an intake whose database is away.
    static func acceptWithoutDatabase(_ buffer: RedisSource) async throws -> Acceptance {
        var options = MySQL.ConnectionOptions()
        options.socket = "/nonexistent/mysql.sock"
        let store = MySQLStore(options, prefix: "", connections: 7, lifetime: .zero, lease: .seconds(10))
        defer { store.close() }
        let now = ContinuousClock.now
        let reading = ClockReading(sentAt: now, receivedAt: now, databaseTime: task.planTime)
        let intake = Intake(
            store: store, buffer: buffer, placer: Placer(wheel: Wheel(), roomInWheel: { 1 }, lookahead: .seconds(30)),
            clock: ClusterClock(ClockEstimate(reading), SystemTime()),
            settings: { .init(batch: 10, maxWaiting: 10, timeout: .seconds(30), lanes: 1) },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await intake.run() }
            defer { intake.close() }
            return try await intake.accept(task)
        }
    }

    /// The task is put aside under the id that it will have.
    @Test func intakePutsAsideWhatTheDatabaseDoesNotTake() async throws {
        try await Self.withBuffer { buffer, _ in
            let accepted = try await Self.acceptWithoutDatabase(buffer)
            #expect(accepted.place == nil)
            let waiting = try await buffer.take(.init(count: 5, messageBytes: .max), as: 1, first: Self.id(99))
            #expect(waiting.messages.map(\.id) == [accepted.id])
            let bytes: [UInt8]? =
                if case .message(let bytes, _) = waiting.messages.first?.content { bytes } else { nil }
            #expect(
                try BufferReader().task(of: #require(bytes), score: nil, now: Self.task.planTime).task == Self.task)
        }
    }

    @Test func aBufferThatIsAwayHasTakenNothing() async throws {
        try await Self.withBuffer { buffer, redis in
            redis.kill()
            try await #require(
                throws: SchedulerError.unavailable("the database does not take tasks now", retryAfter: .seconds(5))
            ) {
                _ = try await Self.acceptWithoutDatabase(buffer)
            }
        }
    }

    /// What was sent to a Redis that hangs may be in it.
    @Test func aBufferThatDoesNotAnswerMayHaveTheTask() async throws {
        try await Self.withBuffer(connections: 1, timeout: .milliseconds(500)) { buffer, redis in
            // Its connection is open.
            #expect(try await buffer.depth() == 0)
            redis.pause()
            do {
                defer { redis.resume() }
                try await #require(
                    throws: SchedulerError.unavailable(
                        "no answer came in time: whether the task was accepted is not known", retryAfter: .seconds(5))
                ) {
                    _ = try await Self.acceptWithoutDatabase(buffer)
                }
            }
            try await eventually { try redis.connect().run(["LLEN", "intake"]).asInteger == 1 }
        }
    }

    /// What one took and died with, what was committed unseen before, and the rest: each is there once.
    @Test func aSchedulerDrainsItOnce() async throws {
        try await Self.withBuffer { buffer, redis in
            try await TestDatabase.migrated { database in
                // One of them twice.
                try await buffer.put((Array(1...20 as ClosedRange<UInt64>) + [20]).map(Self.message))
                _ = try await buffer.take(.init(count: 5, messageBytes: .max), as: 1_000_000, first: Self.id(99))
                func run() async throws {
                    try await RunningScheduler.with(
                        database,
                        {
                            $0.intake.buffer = .redis
                            $0.intake.bufferKey = "intake"
                            $0.redis.socket = redis.options.socket
                            $0.redis.host = redis.options.host
                            $0.redis.port = redis.options.port
                        },
                        { scheduler in
                            try await eventually { try redis.connect().run(["LLEN", "intake"]).asInteger == 0 }
                            try await eventually { try await buffer.incarnations().isSubset(of: [1, 2]) }
                            for number in 1...20 as ClosedRange<UInt64> {
                                try await eventually {
                                    (try? await scheduler.task(Self.id(number)))?.task == Self.task
                                }
                            }
                        })
                }
                try await run()
                // The same again, as after a COMMIT that nobody saw.
                try await buffer.put((1...3).map(Self.message))
                try await run()
                let count = try database.connect().run("SELECT COUNT(*) FROM tasks").rows[0].integer(0)
                #expect(count == 20)
            }
        }
    }
}
