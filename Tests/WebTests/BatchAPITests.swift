import HTTPTypes
import MySQL
import Synchronization
import Testing

@testable import Scheduler
@testable import Web

/// Keys of requests and tasks, and several tasks at once, as they are written in HTTP.
struct BatchAPITests {
    private let api = TestAPI()
    private static let task = #"{"plan_time": 1, "request": {"url": "http://a.test/"}}"#

    private func call(_ path: String, _ body: String, keys: [String] = []) async throws -> TestAPI.Answer {
        var headers = HTTPFields()
        for key in keys { headers.append(HTTPField(name: HTTPField.Name("Idempotency-Key")!, value: key)) }
        return try await api.call("POST", path, body.utf8, headers: headers)
    }

    @Test(
        arguments: [
            ("abc", "abc"), (#""abc""#, "abc"), (#""a\"b\\c""#, #"a"b\c"#),
            ("8e03978e-40d5-43dd-bc93-6894a57f9324", nil),
        ] as [(String, String?)])
    func aKeyIsReadWithAndWithoutQuotationMarks(header: String, key: String?) async throws {
        #expect(try await call("/v1/tasks", Self.task, keys: [header]).status == 201)
        let request = Array("POST /v1/tasks\n\(Self.task)".utf8)
        let submissions = api.scheduler.state.withLock { $0.submissions }
        #expect(submissions.map(\.key) == [RequestKey(key ?? header, request: request)])
    }

    @Test(arguments: [
        [""], [#""""#], [#"""#], [#""a"b""#], [#""a\x""#], ["ü"], [String(repeating: "k", count: 256)], ["a", "b"],
    ])
    func aKeyThatIsNoneIsRefused(keys: [String]) async throws {
        for path in ["/v1/tasks", "/v1/tasks:batch"] {
            let body = path.hasSuffix("batch") ? #"{"tasks": [\#(Self.task)]}"# : Self.task
            let answer = try await call(path, body, keys: keys)
            #expect(answer.status == 400)
            #expect(try answer.json["field"]?.text == "Idempotency-Key")
        }
        #expect(api.scheduler.state.withLock { $0.submissions.isEmpty && $0.drafts.isEmpty })
    }

    @Test(arguments: [false, true])
    func anAnswerThatWasGivenBeforeSaysSo(isRepeated: Bool) async throws {
        api.scheduler.state.withLock { $0.isRepeated = isRepeated }
        let answer = try await call("/v1/tasks", Self.task, keys: ["a"])
        #expect(answer.headers[HTTPField.Name("Idempotency-Replayed")!] == (isRepeated ? "true" : nil))
        #expect(answer.headers[.location] == "/v1/tasks/\(FakeScheduler.id)")
    }

    @Test func errorsOfKeysBecomeProblems() async throws {
        let cases: [(SchedulerError, Int, String?)] = [
            (.otherRequest, 422, "Idempotency-Key"), (.requestUnderWay, 409, nil),
            (.keyTaken([TakenKey(index: 0, holder: FakeScheduler.id)]), 409, "key"),
        ]
        for (error, status, field) in cases {
            api.scheduler.state.withLock { $0.failure = error }
            let answer = try await call("/v1/tasks", Self.task, keys: ["a"])
            #expect(answer.status == status)
            #expect(try answer.json["field"]?.text == field)
        }
        let answer = try await call("/v1/tasks:batch", #"{"tasks": [\#(Self.task)]}"#)
        #expect(try answer.json["field"]?.text == "tasks[0].key")
    }

    @Test func aBatchIsReadInItsOrder() async throws {
        let second = #"{"plan_time": 2, "key": "k", "on_conflict": "return", "request": {"url": "http://b.test/"}}"#
        let answer = try await call("/v1/tasks:batch", #"{"mode": "each", "tasks": [\#(Self.task), \#(second)]}"#)
        #expect(answer.status == 201)
        #expect(try answer.json["results"]?.elements.map { $0["status"]?.integer } == [201, 201])
        let submission = try #require(api.scheduler.state.withLock { $0.submissions.first })
        #expect(!submission.isWhole)
        #expect(submission.drafts.map(\.url) == ["http://a.test/", "http://b.test/"])
        #expect(submission.drafts[1].key == "k")
        #expect(submission.drafts[1].onConflict == "return")
    }

    @Test func whatIsWrongWithABatchNamesItsTask() async throws {
        let wrong = #"{"plan_time": [], "requst": 1}"#
        let whole = try await call("/v1/tasks:batch", #"{"tasks": [\#(Self.task), \#(wrong)]}"#)
        #expect(whole.status == 400)
        #expect(
            try whole.json["errors"]?.elements.map { $0["field"]?.text } == ["tasks[1].requst", "tasks[1].plan_time"])
        let each = try await call("/v1/tasks:batch", #"{"mode": "each", "tasks": [\#(wrong), \#(Self.task)]}"#)
        #expect(each.status == 200)
        #expect(try each.json["results"]?.elements.map { $0["status"]?.integer } == [400, 201])
        #expect(api.scheduler.state.withLock { $0.drafts.count } == 1)
    }

    @Test(arguments: [
        ("{}", 400, "tasks"), (#"{"tasks": {}}"#, 400, "tasks"), (#"{"tasks": []}"#, 422, "tasks"),
        (#"{"tasks": [\#(task)], "mode": "some"}"#, 422, "mode"),
        (#"{"tasks": [\#(Array(repeating: task, count: 1001).joined(separator: ","))]}"#, 422, "tasks"),
    ])
    func aBatchThatIsNoneIsRefused(body: String, status: Int, field: String) async throws {
        let answer = try await call("/v1/tasks:batch", body)
        #expect(answer.status == status)
        #expect(try answer.json["field"]?.text == field)
    }
}
