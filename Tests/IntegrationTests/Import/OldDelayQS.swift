import Redis
import TestSupport

/// Redis as delayQS leaves it behind.
struct OldDelayQS {
    let redis: TestRedis
    /// 2099-01-01T00:00:00Z.
    static let farAhead = 4_070_908_800

    static func with<T>(_ body: (OldDelayQS) async throws -> T) async throws -> T {
        try await TestRedis.with { redis in try await body(OldDelayQS(redis: redis)) }
    }

    /// delayQS's configuration file.
    var file: String {
        #"{"redis":"unix://\#(redis.options.socket!)","key":"jobs","retryIdKey":"retries","bodyKey":"bodies","failKey":"failed","maxRetryNum":3,"retryInterval":5,"connections":4}"#
    }

    static func job(_ number: Int) -> String {
        #"{"body":{"orderId":\#(number),"名":"中/é"},"callback":"http:\/\/127.0.0.1:1\/timeout","sign":"0cc175b9c0f1b6a831c399e269772661"}"#
    }

    /// The id that delayQS gives a job when it takes it up.
    static func xid(_ number: Int) -> String {
        let digits = Array("0123456789abcdefghijklmnopqrstuv")
        var bits = UInt128(1_592_880_354) << 64 | UInt128(number)
        bits <<= 4
        return String((0..<20).map { digits[Int((bits >> UInt128(95 - 5 * $0)) & 31)] })
    }

    /// As delayQS writes it: by Go, from the job as it read it.
    static func failed(_ number: Int, id: String? = nil) -> String {
        #"{"Id":"\#(id ?? xid(number))","body":{"orderId":\#(number)},"callback":"http://127.0.0.1:1/timeout","sign":"s"}"#
    }

    func addWaiting(_ numbers: Range<Int>, at time: Int = farAhead) throws {
        let connection = try redis.connect()
        for number in numbers { _ = try connection.run(["ZADD", "jobs", time, Self.job(number)]) }
    }

    func addFailed(_ jobs: [String]) throws {
        let connection = try redis.connect()
        for job in jobs { _ = try connection.run(["RPUSH", "failed", job]) }
    }

    /// Jobs that were taken up.
    func addBodies(_ numbers: Range<Int>, toRetry: Bool) throws {
        let connection = try redis.connect()
        for number in numbers {
            _ = try connection.run(["HSET", "bodies", Self.xid(number), Self.job(number)])
            if toRetry { _ = try connection.run(["RPUSH", "retries", Self.xid(number)]) }
        }
    }

    /// How much is in each key: waiting, retries, bodies, failed.
    var counts: [Int] {
        get throws {
            let connection = try redis.connect()
            return try [["ZCARD", "jobs"], ["LLEN", "retries"], ["HLEN", "bodies"], ["LLEN", "failed"]].map {
                try connection.run($0).asInteger
            }
        }
    }
}
