import MySQL
import Testing

@testable import Scheduler

@Suite struct SourceReaderTests {
    static let now = Timestamp(rfc3339: "2026-11-20T10:00:00.5Z")!
    static let configuration = Configuration()

    private func source(_ kind: String) throws -> Configuration.Source {
        let yaml = "intake:\n  sources:\n    - {key: k, kind: \(kind)}\n"
        return try #require(try Configuration.load(yaml: yaml, name: "test").configuration.intake.sources.first)
    }

    private func list(_ message: String) throws -> NewTask {
        try ListReader(source("list"), Self.configuration).task(of: Array(message.utf8), score: nil, now: Self.now).task
    }

    private func sortedSet(
        _ message: String, score: Double? = 1_795_168_860, _ configuration: Configuration = configuration
    ) throws -> NewTask {
        try SortedSetReader(source("sorted_set"), configuration)
            .task(of: Array(message.utf8), score: score, now: Self.now).task
    }

    // MARK: delay_queue

    @Test func aMessageOfDelayQueue() throws {
        let task = try list(
            #"{"notify_url":"http://a.example/x","plan_time":"2026-11-20T18:00:54.0878551+08:00","method_name":"Post","notify_param":"a=1&b=ü"}"#
        )
        #expect(task.planTime == Timestamp(rfc3339: "2026-11-20T10:00:54.087855Z"))
        #expect(task.request.method == "POST")
        #expect(task.request.url == "http://a.example/x")
        #expect(task.request.headers == [HeaderField(name: "Content-Type", value: "application/x-www-form-urlencoded")])
        #expect(task.request.body.map { String(decoding: $0, as: UTF8.self) } == "a=1&b=ü")
        #expect(task.queue == "default")
        #expect(task.successRule == .legacyJSONSuccess)
        #expect(task.retrySchedule.maxRetries == 6)
    }

    /// Go's zero time, what is past, and what is not said: in `queue.time_interval`.
    @Test(arguments: [
        #","plan_time":"0001-01-01T00:00:00Z""#, #","plan_time":"2020-06-23T10:45:54.087855+08:00""#, "",
        #","plan_time":null"#, #","plan_time":0"#, #","plan_time":"0""#,
    ])
    func soon(field: String) throws {
        let task = try list("{\"notify_url\":\"http://a.example/\"\(field)}")
        #expect(task.planTime == Self.now + .seconds(10))
        #expect(task.request.method == "GET")
    }

    @Test(arguments: ["1795168860", "\"1795168860\"", "1795168860.0"])
    func unixSeconds(value: String) throws {
        let task = try list("{\"notify_url\":\"http://a.example/\",\"plan_time\":\(value)}")
        #expect(task.planTime == Timestamp(microseconds: 1_795_168_860_000_000))
    }

    @Test(arguments: [
        ("", "is not a JSON object"), ("[1]", "is not a JSON object"), ("{}", "notify_url is missing"),
        (#"{"notify_url":7}"#, "notify_url is not a string"),
        (#"{"notify_url":"ftp://a.example/"}"#, "notify_url must begin with http:// or https://"),
        (#"{"notify_url":"http://a.example/","notify_param":{}}"#, "notify_param is not a string"),
        (
            #"{"notify_url":"http://a.example/","plan_time":"tomorrow"}"#,
            #"plan_time "tomorrow" is neither RFC 3339 nor unix seconds"#
        ),
        (
            #"{"notify_url":"http://a.example/","plan_time":1e99}"#,
            #"plan_time "1e99" is neither RFC 3339 nor unix seconds"#
        ),
    ])
    func whatCannotBeReadSaysWhy(message: String, reason: String) {
        #expect(throws: UnreadableMessage(reason)) { try list(message) }
    }

    // MARK: delayQS

    @Test func aMessageOfDelayQS() throws {
        let task = try sortedSet(
            #"{"body":{"orderId":1, "n":"\u00fc & é"},"callback":"http:\/\/localhost\/orderTimeOut.php","sign":"0123abc"}"#
        )
        #expect(task.planTime == Timestamp(microseconds: 1_795_168_860_000_000))
        #expect(task.request.method == "POST")
        #expect(task.request.url == "http://localhost/orderTimeOut.php")
        #expect(task.request.headers == [HeaderField(name: "Content-Type", value: "application/x-www-form-urlencoded")])
        #expect(
            task.request.body.map { String(decoding: $0, as: UTF8.self) }
                == "body=%7B%22orderId%22%3A1%2C+%22n%22%3A%22%5Cu00fc+%26+%C3%A9%22%7D&sign=0123abc")
        #expect(task.successRule == .legacyContainsSuccess)
        #expect(task.retrySchedule == RetrySchedule(maxRetries: 3, delays: [.seconds(5)]))
    }

    private static let signing: Configuration = {
        var configuration = Self.configuration
        configuration.destinations = [.init(url: "http://a.example/signed", md5Key: "key")]
        return configuration
    }()

    /// Where the destination has a key, a sign is made for those that lack one. The last is PHP's md5('key2&1').
    @Test(arguments: [
        (#"{"body":{"b":1,"a":2},"callback":"http://a.example/signed/x","sign":"own"}"#, "own"),
        (#"{"body":{"b":1,"a":2},"callback":"http://a.example/other"}"#, ""),
        (#"{"body":{"b":1,"a":2},"callback":"http://a.example/signed/x"}"#, "cb31a439f4f4859edcd7bf410a9eb4dc"),
        (#"{"body":{"b":1,"a":2},"callback":"http://a.example/signed","sign":""}"#, "cb31a439f4f4859edcd7bf410a9eb4dc"),
        (
            #"{"body":{"b":1,"a":2},"callback":"http://a.example/signed","sign":null}"#,
            "cb31a439f4f4859edcd7bf410a9eb4dc"
        ),
        // Nothing that a sign can be made of, and none is wanted.
        (#"{"body":{"a":[]},"callback":"http://a.example/other"}"#, ""),
    ])
    func aMissingSignIsMade(_ message: String, _ sign: String) throws {
        let body = try #require(try sortedSet(message, Self.signing).request.body)
        #expect(String(decoding: body, as: UTF8.self).hasSuffix("&sign=\(sign)"))
    }

    @Test func aBodyThatCannotBeSignedSaysWhy() {
        let message = #"{"body":{"a":{"b":1}},"callback":"http://a.example/signed"}"#
        let reason =
            "has no sign, and none can be made: body.a is an object, which PHP cannot join with the other values"
        #expect(throws: UnreadableMessage(reason)) { try sortedSet(message, Self.signing) }
    }

    /// What is past is due at once.
    @Test func aScoreMayBePastOrAFraction() throws {
        let message = #"{"callback":"http://a.example/"}"#
        #expect(try sortedSet(message, score: 5).planTime == Timestamp(microseconds: 5_000_000))
        #expect(try sortedSet(message, score: -1).planTime == Timestamp(microseconds: 0))
        #expect(try sortedSet(message, score: 1.5).planTime == Timestamp(microseconds: 1_500_000))
        #expect(try sortedSet(message).request.body.map { String(decoding: $0, as: UTF8.self) } == "body=null&sign=")
    }

    @Test(arguments: [Double.infinity, -.infinity, 1e15])
    func aScoreIsATime(score: Double) {
        #expect(throws: UnreadableMessage.self) { try sortedSet(#"{"callback":"http://a.example/"}"#, score: score) }
    }

    @Test(arguments: [
        ("nonsense", "is not a JSON object"), (#"{"body":{}}"#, "callback is missing"),
        (#"{"callback":"/x"}"#, "callback must begin with http:// or https://"),
        (#"{"callback":"http://a.example/","sign":1}"#, "sign is not a string"),
    ])
    func aBadJobSaysWhy(message: String, reason: String) {
        #expect(throws: UnreadableMessage(reason)) { try sortedSet(message) }
    }
}
