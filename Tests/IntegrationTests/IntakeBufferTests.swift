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

    static func withBuffer(_ body: (RedisSource, TestRedis) async throws -> Void) async throws {
        try await TestRedis.with { redis in
            let pool = Redis.ConnectionPool(redis.options, .init(connections: 2))
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
        }
    }

    /// The database is away: the task is put aside under the id that it will have.
    @Test func intakePutsAsideWhatTheDatabaseDoesNotTake() async throws {
        try await Self.withBuffer { buffer, _ in
            var options = MySQL.ConnectionOptions()
            options.socket = "/nonexistent/mysql.sock"
            let store = MySQLStore(options, prefix: "", connections: 7, lifetime: .zero, lease: .seconds(10))
            let now = ContinuousClock.now
            let reading = ClockReading(sentAt: now, receivedAt: now, databaseTime: Self.task.planTime)
            let clock = ClusterClock(ClockEstimate(reading), SystemTime())
            let intake = Intake(
                store: store, buffer: buffer,
                placer: Placer(wheel: Wheel(), roomInWheel: 1, lookahead: .seconds(30)), clock: clock,
                settings: .init(batch: 10, maxWaiting: 10, timeout: .seconds(30), lanes: 1),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let accepted = try await withThrowingTaskGroup(of: Acceptance?.self) { group in
                group.addTask {
                    await intake.run()
                    return nil
                }
                let accepted = try await intake.accept(Self.task)
                intake.close()
                try await group.waitForAll()
                return accepted
            }
            #expect(accepted.place == nil)
            let waiting = try await buffer.take(.init(count: 5, messageBytes: .max), as: 1, first: Self.id(99))
            #expect(waiting.messages.map(\.id) == [accepted.id])
            let bytes: [UInt8]? =
                if case .message(let bytes, _) = waiting.messages.first?.content { bytes } else { nil }
            #expect(
                try BufferReader().task(of: #require(bytes), score: nil, now: Self.task.planTime).task == Self.task)
            store.close()
        }
    }

    /// What one took and died with, what was committed unseen before, and the rest: each is there once.
    @Test func aSchedulerDrainsItOnce() async throws {
        try await Self.withBuffer { buffer, redis in
            try await TestDatabase.migrated { database in
                try await buffer.put((1...20).map(Self.message))
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
