import HTTPTypes
import MySQL
import Synchronization
import Testing

@testable import Scheduler
@testable import Web

struct TaskAPITests {
    let api = TestAPI()
    private let path = "/v1/tasks/\(FakeScheduler.id)"

    private func keep(_ record: TaskRecord) {
        api.scheduler.state.withLock { $0.tasks = [record] }
    }

    @Test func aWholeDocumentBecomesADraft() async throws {
        let body = """
            {"plan_time": "2026-11-20T10:00:00.250Z", "queue": "mail",
             "request": {"method": "PUT", "url": "http://a.test/", "headers": {"X-A": "b", "X-B": "ü\\u00e4\\ud83d\\ude00"},
                         "body": "aGk=", "body_encoding": "base64", "max_redirects": 2},
             "success": {"rule": "legacy_json_success"}, "retry": {"max_retries": 3, "delays": [0, 1.5, 7200]},
             "timeout_ms": 1000, "on_lost": "dead", "labels": {"order": "42"}}
            """
        let answer = try await api.call("POST", "/v1/tasks", body)
        #expect(answer.status == 201)
        #expect(answer.headers[.location] == path)
        var expected = TaskDraft()
        expected.planTime = Timestamp(microseconds: 1_795_168_800_250_000)
        expected.queue = "mail"
        expected.method = "PUT"
        expected.url = "http://a.test/"
        expected.headers = [HeaderField(name: "X-A", value: "b"), HeaderField(name: "X-B", value: "üä😀")]
        expected.body = Array("hi".utf8)
        expected.maxRedirects = 2
        expected.successRule = "legacy_json_success"
        expected.maxRetries = 3
        expected.retryDelays = [0, 1.5, 7200]
        expected.timeoutMilliseconds = 1000
        expected.onLost = "dead"
        expected.labels = ["order": "42"]
        #expect(api.scheduler.state.withLock { $0.drafts } == [expected])
    }

    @Test func expiryAndFollowUpsBecomeADraft() async throws {
        let body = """
            {"plan_time": 0, "request": {"url": "http://a.test/"}, "expires_at": 5.5, "on_failure": null, "on_success":
             {"queue": "q", "request": {"method": "PUT", "url": "http://b.test/", "headers": {"A": "b"}, "max_redirects": 1},
              "success": {"rule": "status_2xx", "statuses": [404]}, "retry": {"max_retries": 1, "delays": [0.5]},
              "timeout_ms": 700, "labels": {"k": "v"}, "delay_s": 1.25}}
            """
        #expect(try await api.call("POST", "/v1/tasks", body).status == 201)
        var expected = FollowUpDraft()
        (expected.queue, expected.method, expected.url) = ("q", "PUT", "http://b.test/")
        (expected.headers, expected.maxRedirects) = ([HeaderField(name: "A", value: "b")], 1)
        expected.successRule = "status_2xx"
        expected.successConditions.statuses = ["404"]
        (expected.maxRetries, expected.retryDelays, expected.timeoutMilliseconds) = (1, [0.5], 700)
        (expected.labels, expected.delay) = (["k": "v"], 1.25)
        let draft = try #require(api.scheduler.state.withLock { $0.drafts.first })
        #expect(draft.expiresAt == Timestamp(microseconds: 5_500_000))
        #expect(draft.followUps == [.onSuccess: expected])
        #expect(draft.queues == ["q"])
    }

    @Test(arguments: [
        (#""expires_at": true"#, 400, "expires_at"), (#""expires_at": "soon""#, 422, "expires_at"),
        (#""on_success": 5"#, 400, "on_success"),
        (#""on_success": {"request": {"body": "x"}}"#, 400, "on_success.request.body"),
        (#""on_failure": {"on_failure": {}}"#, 400, "on_failure.on_failure"),
        (#""on_failure": {"delay_s": "5"}"#, 400, "on_failure.delay_s"),
        (#""on_failure": {"delay_s": 0.0001}"#, 422, "on_failure.delay_s"),
        (#""on_failure": {"success": {"statuses": 5}}"#, 400, "on_failure.success.statuses"),
    ])
    func badExpiryAndFollowUps(_ member: String, _ status: Int, _ field: String) async throws {
        for (method, path, rest) in [
            ("POST", "/v1/tasks", #", "plan_time": 0, "request": {"url": "http://a.test/"}"#), ("PATCH", path, ""),
        ] {
            let answer = try await api.call(method, path, "{\(member)\(rest)}")
            #expect(answer.status == status)
            #expect(try answer.json["errors"]?.elements.first?["field"]?.text == field)
        }
    }

    @Test func expiryAndFollowUpsAreShown() async throws {
        var record = FakeScheduler.record(state: .dead)
        record.task.expiresAt = FakeScheduler.now
        record.isExpired = true
        record.follows = FakeScheduler.id
        let followUp = FollowUp(
            queue: "q", request: CallbackRequest(method: "PUT", url: "http://b.test/"), successRule: .status2xx,
            retrySchedule: RetrySchedule(maxRetries: 1, delays: [.seconds(5)]), timeout: .seconds(1))
        record.task.followUps = [.onFailure: followUp]
        keep(record)
        let task = try await api.call("GET", path).json
        #expect(task["expires_at"]?.text == "2026-11-20T10:00:00.25Z" && task["expired"] == .bool(true))
        #expect(task["follows"]?.text == FakeScheduler.id.description && task["on_success"] == .null)
        #expect(task["on_failure"] == (try JSONParser.parse(Array(followUp.text.utf8))))
        let summary = try await api.call("GET", "\(path)?view=basic").json
        #expect(summary["expired"] == .bool(true) && summary["on_failure"] == nil)
    }

    @Test func theHeaderTraceparentBecomesPartOfADraft() async throws {
        let name = HTTPField.Name("Traceparent")!
        let body = #"{"plan_time": 0, "request": {"url": "http://a.test/"}}"#
        for values in [[], ["one"], ["one", "two"]] {
            var headers = HTTPFields()
            for value in values { headers.append(HTTPField(name: name, value: value)) }
            #expect(try await api.call("POST", "/v1/tasks", body.utf8, headers: headers).status == 201)
        }
        #expect(api.scheduler.state.withLock { $0.drafts.map(\.traceparent) } == [nil, "one", nil])
    }

    @Test func conditionsOfSuccessBecomeADraft() async throws {
        let body = """
            {"plan_time": 0, "request": {"url": "http://a.test/"}, "success": {"rule": "status_2xx",
             "statuses": ["2xx", 404], "json": [{"path": "$.a", "equals": 1.0}, {"path": "$.b", "equals": null}],
             "body_contains": "ü", "body_matches": "^a", "permanent_failure": [400, "410-499"]}}
            """
        #expect(try await api.call("POST", "/v1/tasks", body).status == 201)
        var expected = SuccessConditions()
        expected.statuses = ["2xx", "404"]
        expected.json = [.init(path: "$.a", equals: .number("1.0")), .init(path: "$.b", equals: .null)]
        expected.bodyContains = "ü"
        expected.bodyMatches = "^a"
        expected.permanentFailure = ["400", "410-499"]
        api.scheduler.state.withLock { state in
            #expect(state.drafts.first?.successRule == "status_2xx")
            #expect(state.drafts.first?.successConditions == expected)
        }
    }

    @Test func criteriaAreShownAsTheyWereAskedFor() async throws {
        let criteria = #"{"statuses":["2xx",404],"json":[{"path":"$.a","equals":1.0}],"permanent_failure":[400]}"#
        var record = FakeScheduler.record()
        record.task.successRule = try #require(SuccessRule(storedName: "custom", criteria: criteria))
        keep(record)
        let answer = try await api.call("GET", path)
        #expect(answer.text.contains(#""success":\#(criteria),"retry""#))
    }

    @Test(arguments: [
        ("0", 0), ("1795168800", 1_795_168_800_000_000), ("1795168800.25", 1_795_168_800_250_000),
        ("1795168800.123456", 1_795_168_800_123_456), ("1795168800.1234569", 1_795_168_800_123_456),
        ("1795168800.000001", 1_795_168_800_000_001), ("1.5e3", 1_500_000_000), ("1E9", 1_000_000_000_000_000),
        ("253402300799.999999", 253_402_300_799_999_999), (#""1970-01-01T00:00:00Z""#, 0),
        (#""2026-11-20T11:00:00.25+01:00""#, 1_795_168_800_250_000),
    ])
    func planTime(_ text: String, _ microseconds: Int64) async throws {
        let body = #"{"plan_time": \#(text), "request": {"url": "http://a.test/"}}"#
        #expect(try await api.call("POST", "/v1/tasks", body).status == 201)
        #expect(api.scheduler.state.withLock { $0.drafts.first?.planTime?.microseconds } == microseconds)
    }

    @Test func aTaskIsShownWhole() async throws {
        keep(FakeScheduler.record(body: Array("a\"b\n/ü".utf8), headers: [HeaderField(name: "X-A", value: "b\\c")]))
        let answer = try await api.call("GET", path)
        #expect(answer.status == 200)
        #expect(answer.headers[.contentType] == "application/json")
        #expect(
            answer.text == """
                {"id":"0198a3f2-7c1e-7abc-9def-0123456789ab","queue":"default","state":"scheduled",\
                "plan_time":"2026-11-20T10:00:00.25Z","request":{"method":"POST","url":"http://a.test/x",\
                "headers":{"X-A":"b\\\\c"},"body":"a\\"b\\n/ü","body_encoding":"utf8","max_redirects":0},\
                "success":{"rule":"status_2xx"},"retry":{"max_retries":2,"delays":[5,1.5]},"timeout_ms":15000,\
                "on_lost":"retry","labels":{},"traceparent":null,"on_success":null,"on_failure":null,"key":null,\
                "expires_at":null,"expired":false,"follows":null,"attempt":0,"next_attempt_at":"2026-11-20T10:00:00.25Z",\
                "deferred_from":null,\
                "created_at":"2026-11-20T10:00:00.25Z","finished_at":null,"version":1}
                """)
    }

    @Test func aBodyThatIsNoTextIsShownInBase64() async throws {
        keep(FakeScheduler.record(body: [0xFF, 0x00]))
        let request = try await api.call("GET", path).json["request"]
        #expect(request?["body"]?.text == "/wA=")
        #expect(request?["body_encoding"]?.text == "base64")
    }

    @Test func aPatchReplacesWhatItGives() async throws {
        keep(FakeScheduler.record())
        for body in [
            #"{"plan_time": 5}"#, #"{"request": {"body": null}}"#, #"{"request": {"body": ""}}"#,
            #"{"request": {"headers": {}}}"#, #"{"request": {"url": "http://b.test/", "method": "GET"}}"#,
        ] {
            #expect(try await api.call("PATCH", path, body).status == 200)
        }
        let patches = api.scheduler.state.withLock { $0.patches }
        #expect(patches[0].planTime == Timestamp(microseconds: 5_000_000))
        #expect(patches[1].body == .some(nil))
        #expect(patches[2].body == .some([]))
        #expect(patches[3].headers == [] && patches[3].body == nil)
        #expect(patches[4].url == "http://b.test/" && patches[4].method == "GET")
        for body in [
            #"{"expires_at": null}"#, #"{"expires_at": 5}"#, #"{"on_success": null}"#,
            #"{"on_failure": {"request": {"url": "http://b.test/"}}}"#,
        ] {
            #expect(try await api.call("PATCH", path, body).status == 200)
        }
        let others = api.scheduler.state.withLock { $0.patches.suffix(4) }.map(\.self)
        #expect(others[0].expiresAt == .some(nil) && others[1].expiresAt == .some(Timestamp(microseconds: 5_000_000)))
        #expect(others[2].followUps == [.onSuccess: nil] && others[3].followUps[.onFailure]??.url == "http://b.test/")
    }

    @Test(arguments: ["cancel", "run", "retry"], ["", "{}", " {} "])
    func actions(_ action: String, _ body: String) async throws {
        keep(FakeScheduler.record())
        #expect(try await api.call("POST", "\(path):\(action)", body).status == 200)
        #expect(try await api.call("POST", "\(path)%3a\(action)", body).status == 200)
    }

    @Test(arguments: [
        ("GET", "/", 404), ("GET", "/v1", 404), ("GET", "/v1/tasks/", 404), ("GET", "/v1/tasks/x", 404),
        ("GET", "/v1/tasks/0198a3f2-7c1e-7abc-9def-0123456789ac", 404), ("GET", "/v2/tasks", 404),
        ("GET", "/v1/tasks/0198a3f2-7c1e-7abc-9def-0123456789ab/", 404), ("POST", "/v1/tasks/x:cancel", 404),
        ("GET", "/v1/tasks/0198a3f2-7c1e-7abc-9def-0123456789ab/attempts/1", 404),
        ("POST", "/v1/tasks/0198a3f2-7c1e-7abc-9def-0123456789ab:stop", 404),
        ("POST", "/v1/tasks/0198a3f2-7c1e-7abc-9def-0123456789ab:", 404),
        ("POST", "/v1/tasks/0198a3f2-7c1e-7abc-9def-0123456789ab:Cancel", 404),
        ("GET", "/v1/tasks/..%2f..%2fetc", 404), ("GET", "/v1/tasks/%zz", 404), ("GET", "//v1/tasks", 404),
        ("DELETE", "/v1/tasks", 405), ("PUT", "/v1/tasks/0198a3f2-7c1e-7abc-9def-0123456789ab", 405),
        ("GET", "/v1/tasks/0198a3f2-7c1e-7abc-9def-0123456789ab:cancel", 405), ("GET", "/api/task/save", 405),
        ("POST", "/healthz", 405), ("OPTIONS", "/readyz", 405), ("TRACE", "/v1/tasks", 405),
        ("POST", "/v1/tasks/0198a3f2-7c1e-7abc-9def-0123456789ab/attempts", 405),
    ])
    func pathsThatAreNotThere(_ method: String, _ path: String, _ status: Int) async throws {
        let answer = try await api.call(method, path)
        #expect(answer.status == status)
        #expect(answer.headers[.contentType] == "application/problem+json")
        #expect((answer.headers[.allow] != nil) == (status == 405))
        #expect(try answer.json["detail"]?.text?.isEmpty == false)
    }

    @Test func headHasTheHeadersOfGet() async throws {
        keep(FakeScheduler.record())
        let get = try await api.call("GET", path)
        let head = try await api.call("HEAD", path)
        #expect(head.status == 200)
        #expect(head.body.isEmpty)
        #expect(head.headers[.contentLength] == "\(get.body.count)")
    }

    @Test(arguments: [
        "colour=red", "limit=0", "limit=501", "limit=x", "limit=-1", "limit=", "limit=1&limit=2", "state=done",
        "state=",
        "state=Dead", "queue=", "host=", "host=a/b", "host=a%20b", "label=", "label=%3Dx", "label=a%20b", "cursor=x",
        "cursor=", "from=yesterday", "to=", "from=-5", "to=1e99",
        "from=2026-11-20", "state=dead&Limit=5", "from=99999-01-01T00:00:00Z",
    ])
    func listParametersThatAreRefused(_ query: String) async throws {
        let answer = try await api.call("GET", "/v1/tasks?\(query)")
        #expect(answer.status == 400)
        let name = query.split(separator: "&").last?.split(separator: "=").first.map(String.init)
        #expect(try answer.json["field"]?.text == name)
    }

    @Test func brokenPercentEncodingIsRefused() async throws {
        #expect(try await api.call("GET", "/v1/tasks?queue=%zz").status == 400)
        #expect(try await api.call("GET", "/v1/tasks?queue=%4").status == 400)
    }

    @Test func listParametersReachTheScheduler() async throws {
        keep(FakeScheduler.record())
        let query =
            "state=dead&queue=a%20b&host=A.test:8080&label=order=4%3D2&from=2026-11-20T10:00:00%2B00:00"
            + "&to=1795168801.5&cursor=\(FakeScheduler.id)&limit=7"
        let answer = try await api.call("GET", "/v1/tasks?\(query)")
        #expect(answer.status == 200)
        #expect(try answer.json["tasks"]?.elements.count == 1)
        #expect(try answer.json["next_cursor"]?.text == FakeScheduler.id.description)
        api.scheduler.state.withLock { state in
            #expect(state.filter?.state == .dead)
            #expect(state.filter?.queue == "a b")
            #expect(state.filter?.host == "A.test:8080")
            #expect(state.filter?.label == TaskFilter.Label(key: "order", value: "4=2"))
            #expect(state.filter?.from == Timestamp(microseconds: 1_795_168_800_000_000))
            #expect(state.filter?.to == Timestamp(microseconds: 1_795_168_801_500_000))
            #expect(state.cursor == FakeScheduler.id)
            #expect(state.limit == 7)
        }
        for (number, microseconds) in [("1.7e9", 1_700_000_000_000_000), ("1.192092896e-07", 0), ("25e-1", 2_500_000)] {
            #expect(try await api.call("GET", "/v1/tasks?from=\(number)").status == 200)
            #expect(api.scheduler.state.withLock { $0.filter?.from } == Timestamp(microseconds: Int64(microseconds)))
        }
        // A plus sign that nobody escaped.
        #expect(try await api.call("GET", "/v1/tasks?from=2026-11-20T12:00:00+02:00").status == 200)
        #expect(
            api.scheduler.state.withLock { $0.filter?.from } == Timestamp(microseconds: 1_795_168_800_000_000))
    }

    @Test func attemptsAreShownInPages() async throws {
        var record = FakeScheduler.record()
        record.requestVersion = 2
        keep(record)
        api.scheduler.state.withLock { state in
            state.attempts = (1...3).map { number in
                AttemptRecord(
                    attempt: number, incarnation: 7, version: number == 1 ? 1 : 2, planTime: FakeScheduler.now,
                    startedAt: FakeScheduler.now + .microseconds(1_042), duration: .microseconds(12_345),
                    succeeded: false, outcomeClass: "status", message: "500", status: 500, timings: CallTimings(),
                    address: "127.0.0.1:80", response: Array("né".utf8.dropLast()), responseTruncated: true)
            }
        }
        let page = try await api.call("GET", path + "/attempts?limit=2").json
        let attempts = page["attempts"]?.elements ?? []
        #expect(attempts.count == 2)
        #expect(page["next_after"]?.integer == 2)
        #expect(attempts[0]["lateness_ms"] == .number("1.042"))
        #expect(attempts[0]["duration_ms"] == .number("12.345"))
        #expect(attempts[0]["response"]?.text == "n")
        #expect(attempts[0]["response_encoding"]?.text == "utf8")
        // The request was edited after the first attempt.
        #expect(attempts[0]["curl"] == .null)
        #expect(attempts[1]["curl"]?.text?.hasPrefix("curl --request POST") == true)
        let last = try await api.call("GET", path + "/attempts?after=2").json
        #expect(last["attempts"]?.elements.count == 1)
        #expect(last["next_after"] == .null)
        #expect(try await api.call("GET", path + "/attempts?after=-1").status == 400)
    }

    @Test func errorsOfTheSchedulerBecomeProblems() async throws {
        let cases: [(any Error, Int, String)] = [
            (ValidationError("request.url", "must begin with http://"), 422, "/problems/validation"),
            (SchedulerError.notFound(FakeScheduler.id), 404, "/problems/not-found"),
            (SchedulerError.conflict(.running, "is running"), 409, "/problems/conflict"),
            (SchedulerError.unavailable("no database", retryAfter: .milliseconds(1500)), 503, "/problems/unavailable"),
            (CancellationError(), 503, "/problems/unavailable"),
        ]
        for (error, status, type) in cases {
            api.scheduler.state.withLock { $0.failure = error }
            let answer = try await api.call("PATCH", path, #"{"plan_time": 1}"#)
            #expect(answer.status == status)
            #expect(try answer.json["type"]?.text == type)
            #expect(try answer.json["title"]?.text?.isEmpty == false)
            if status == 409 { #expect(try answer.json["state"]?.text == "running") }
            if status == 422 { #expect(try answer.json["field"]?.text == "request.url") }
            if case .some(.unavailable) = error as? SchedulerError { #expect(answer.headers[.retryAfter] == "2") }
        }
    }

    @Test func healthAndReadiness() async throws {
        #expect(try await api.call("GET", "/healthz").text == #"{"status":"ok"}"#)
        #expect(try await api.call("GET", "/readyz").status == 200)
        api.scheduler.state.withLock { $0.unreadiness = "the database is away" }
        let answer = try await api.call("GET", "/readyz")
        #expect(answer.status == 503)
        #expect(answer.headers[.retryAfter] == "1")
        #expect(try answer.json["detail"]?.text == "the database is away")
        #expect(try await api.call("GET", "/healthz").status == 200)
    }

    @Test func tooManyHeadersAreRefused() async throws {
        var headers = HTTPFields()
        for number in 0..<101 { headers.append(HTTPField(name: HTTPField.Name("X-\(number)")!, value: "a")) }
        let answer = try await api.call("GET", "/v1/tasks", [UInt8](), type: nil, headers: headers)
        #expect(answer.status == 431)
    }
}
