import Redis
import Scheduler
import TestSupport
import Testing
import ThreadPool

/// What lies where in Redis while messages are moved.
@Suite struct RedisSourceTests {
    static func id(_ number: UInt64) -> TaskID { TaskID(milliseconds: 1_795_255_200_000, random: (number, 0)) }
    static let limits = TakeLimits(count: 3, messageBytes: 10)

    static func with(
        _ kind: RedisSource.Kind, _ body: (RedisSource, Redis.Connection) async throws -> Void
    ) async throws {
        try await TestRedis.with { redis in
            let pool = Redis.ConnectionPool(redis.options, .init(connections: 2))
            do {
                try await body(RedisSource(pool, key: "jobs", kind: kind), redis.connect())
                pool.close()
            } catch {
                pool.close()
                throw error
            }
        }
    }

    private func texts(_ batch: RedisSource.Batch) -> [String] {
        batch.messages.map { message in
            switch message.content {
            case .message(let bytes, let score):
                String(decoding: bytes, as: UTF8.self) + (score.map { " at \($0)" } ?? "")
            case .oversized(let bytes): "oversized \(bytes)"
            case .foreign(let bytes): "foreign " + String(decoding: bytes, as: UTF8.self)
            }
        }
    }

    @Test func aListIsTakenInOrderAndComesAgainUntilItIsAcknowledged() async throws {
        try await Self.with(.list) { source, redis in
            try redis.run(["RPUSH", "jobs", "a", "b b", "c", "d"])
            let first = try await source.take(Self.limits, as: 7, first: Self.id(1))
            #expect(texts(first) == ["a", "b b", "c"])
            #expect(!first.isReplay && !first.isLast)
            #expect(try await source.depth() == 4)
            // Not acknowledged: the same, under the same ids, and nothing new.
            let again = try await source.take(Self.limits, as: 7, first: Self.id(2))
            #expect(again.messages == first.messages)
            #expect(again.isReplay)
            try await source.acknowledge(3, as: 7)
            let rest = try await source.take(Self.limits, as: 7, first: Self.id(3))
            #expect(texts(rest) == ["d"])
            #expect(!rest.isReplay && rest.isLast)
            try await source.acknowledge(1, as: 7)
            #expect(try await source.depth() == 0)
            #expect(try await source.take(Self.limits, as: 7, first: Self.id(4)).messages.isEmpty)
        }
    }

    @Test func idsAreInOrderAndNobodyElses() async throws {
        try await Self.with(.list) { source, redis in
            try redis.run(["RPUSH", "jobs", "a", "b", "c"])
            let batch = try await source.take(Self.limits, as: 7, first: Self.id(1))
            let ids = batch.messages.map(\.id)
            #expect(ids == ids.sorted() && Set(ids).count == 3)
            #expect(ids.allSatisfy { $0.description.hasPrefix("\(Self.id(1))".prefix(24)) })
        }
    }

    @Test func aSortedSetIsTakenByItsScores() async throws {
        try await Self.with(.sortedSet) { source, redis in
            try redis.run(["ZADD", "jobs", 30, "late", 10, "early", 20.5, "between"])
            let batch = try await source.take(Self.limits, as: 7, first: Self.id(1))
            #expect(texts(batch) == ["early at 10.0", "between at 20.5", "late at 30.0"])
            #expect(try redis.run(["EXISTS", "jobs"]).asInteger == 0)
        }
    }

    @Test func whatADeadOneTookIsTakenOverUnderItsIds() async throws {
        try await Self.with(.list) { source, redis in
            try redis.run(["RPUSH", "jobs", "a", "b", "c", "d"])
            let dead = try await source.take(Self.limits, as: 7, first: Self.id(1))
            #expect(try await source.incarnations() == [7])
            try await source.adopt(from: 7, as: 8)
            #expect(try await source.incarnations() == [8])
            let taken = try await source.take(Self.limits, as: 8, first: Self.id(2))
            #expect(taken.messages == dead.messages)
            #expect(taken.isReplay)
            // It was only slow: what it acknowledges now is nobody's.
            try await source.acknowledge(3, as: 7)
            try await source.acknowledge(3, as: 8)
            #expect(texts(try await source.take(Self.limits, as: 7, first: Self.id(3))) == ["d"])
        }
    }

    @Test func aMessageThatIsTooLongIsSetAside() async throws {
        try await Self.with(.list) { source, redis in
            try redis.run(["RPUSH", "jobs", "a", "12345678901", "b"])
            let batch = try await source.take(Self.limits, as: 7, first: Self.id(1))
            #expect(texts(batch) == ["a", "oversized 11", "b"])
            #expect(
                try redis.run(["LRANGE", "jobs:oversized", 0, -1]).asArray.map { try $0.asText } == ["12345678901"])
        }
    }

    @Test func whatSomebodyElsePutIntoTheBufferIsMarked() async throws {
        try await Self.with(.buffer) { source, redis in
            try redis.run(["RPUSH", "jobs", "garbage"])
            try await source.put([(Self.id(5), Array("x y".utf8))])
            let batch = try await source.take(.init(count: 3, messageBytes: 100), as: 7, first: Self.id(1))
            #expect(texts(batch) == ["foreign garbage", "x y"])
            #expect(batch.messages[1].id == Self.id(5))
        }
    }

    @Test func bytesEndABatchToo() async throws {
        try await Self.with(.list) { source, redis in
            try redis.run(["RPUSH", "jobs", "1234567890", "b"])
            let limits = TakeLimits(count: 3, bytes: 5, messageBytes: 10)
            #expect(texts(try await source.take(limits, as: 7, first: Self.id(1))) == ["1234567890"])
        }
    }
}
