import HTTPTypes
import Scheduler
import Synchronization
import Testing

@testable import Web

/// Requests that must be refused before the scheduler sees them, and the field that the answer must name.
struct MalformedRequestTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let body: [UInt8]
        let status: Int
        let field: String
        let detail: String

        init(_ body: String, _ field: String, _ detail: String = "", status: Int = 400) {
            self.init(bytes: Array(body.utf8), field, detail, status: status)
        }

        init(bytes: [UInt8], _ field: String, _ detail: String = "", status: Int = 400) {
            body = bytes
            self.status = status
            self.field = field
            self.detail = detail
        }

        var testDescription: String { "\(field): \(String(decoding: body.prefix(80), as: UTF8.self).debugDescription)" }
    }

    /// A good document with something put into it.
    private static func with(_ member: String) -> String {
        #"{"plan_time": 1795168800, "request": {"url": "http://a.test/"}, \#(member)}"#
    }

    private static func request(_ member: String) -> String {
        #"{"plan_time": 1795168800, "request": {"url": "http://a.test/", \#(member)}}"#
    }

    private static func time(_ value: String) -> String {
        #"{"plan_time": \#(value), "request": {"url": "http://a.test/"}}"#
    }

    static let notJSON: [Case] = [
        Case("", "body", "empty"),
        Case(" ", "body", "line 1, column 2"),
        Case("{", "body", "line 1, column 2"),
        Case("}", "body"),
        Case("{]", "body"),
        Case("[", "body"),
        Case("{}x", "body", "nothing may follow"),
        Case("{}{}", "body", "nothing may follow"),
        Case("{},", "body", "nothing may follow"),
        Case(#"{"plan_time"}"#, "body", "':' is expected"),
        Case(#"{"plan_time":}"#, "body", "a value is expected"),
        Case(#"{"plan_time":1,}"#, "body", "a member name"),
        Case(#"{"plan_time":1 "queue":"a"}"#, "body", "',' or '}'"),
        Case("{\n  \"plan_time\": 1,\n  \"queue\": x\n}", "body", "line 3, column 12"),
        Case(#"{plan_time: 1}"#, "body", "member name"),
        Case(#"{'plan_time': 1}"#, "body", "member name"),
        Case("{\"plan_time\": 1} // comment", "body", "nothing may follow"),
        Case("{/* */}", "body"),
        Case(#"{"plan_time": NaN}"#, "body"),
        Case(#"{"plan_time": Infinity}"#, "body"),
        Case(#"{"plan_time": -Infinity}"#, "body", "a digit"),
        Case(#"{"plan_time": 01}"#, "body", "does not begin with 0"),
        Case(#"{"plan_time": +1}"#, "body"),
        Case(#"{"plan_time": 1.}"#, "body", "a digit"),
        Case(#"{"plan_time": .5}"#, "body"),
        Case(#"{"plan_time": 1e}"#, "body", "a digit"),
        Case(#"{"plan_time": 0x10}"#, "body"),
        Case(#"{"plan_time": -}"#, "body"),
        Case(#"{"plan_time": tru}"#, "body"),
        Case(#"{"plan_time": truE}"#, "body"),
        Case(#"{"plan_time": nul}"#, "body"),
        Case(#"{"queue": "a}"#, "body", "ends within a string"),
        Case(#"{"queue": "a\"}"#, "body", "ends within a string"),
        Case(#"{"queue": "\x"}"#, "body", "unknown escape"),
        Case(#"{"queue": "\u12"}"#, "body", "four hexadecimal"),
        Case(#"{"queue": "\u12G4"}"#, "body", "four hexadecimal"),
        Case(#"{"queue": "\ud800"}"#, "body", "surrogate"),
        Case(#"{"queue": "\udc00"}"#, "body", "surrogate"),
        Case(#"{"queue": "\ud800A"}"#, "body", "surrogate"),
        Case(#"{"queue": "\ud800\n"}"#, "body", "surrogate"),
        Case("{\"queue\": \"a\nb\"}", "body", "control character"),
        Case("{\"queue\": \"a\tb\"}", "body", "control character"),
        Case("{\"queue\": \"a\u{0}b\"}", "body", "control character"),
        Case("{\"queue\": \"\\t\u{1}\"}", "body", "control character"),
        Case(
            bytes: Array("{\"queue\": \"".utf8) + [0xFF] + Array("\"}".utf8), "body", "not UTF-8 at line 1, column 12"),
        Case(bytes: Array("{\"queue\": \"ab".utf8) + [0xC3] + Array("\"}".utf8), "body", "not UTF-8"),
        Case(bytes: Array("{\"queue\": \"".utf8) + [0xC0, 0xAF] + Array("\"}".utf8), "body", "not UTF-8"),
        Case(bytes: Array("{\"queue\": \"".utf8) + [0xED, 0xA0, 0x80] + Array("\"}".utf8), "body", "not UTF-8"),
        Case(bytes: Array("{\"queue\": \"\\n".utf8) + [0xFE] + Array("\"}".utf8), "body", "not UTF-8"),
        Case(bytes: Array("{\"".utf8) + [0x80] + Array("\": 1}".utf8), "body", "not UTF-8"),
        Case(bytes: [0xEF, 0xBB, 0xBF] + Array("{}".utf8), "body", "byte order mark"),
        Case(bytes: [0xFE, 0xFF, 0x00, 0x7B], "body"),
        Case(bytes: [0xFF, 0xFE, 0x7B, 0x00], "body"),
        Case(bytes: [0x00], "body"),
        Case(bytes: [0x1F, 0x8B, 0x08, 0x00], "body"),
        Case(String(repeating: "[", count: 10_000), "body", "nested"),
        Case(String(repeating: #"{"a":"#, count: 10_000), "body", "nested"),
        Case(#"{"queue": "a", "queue": "b"}"#, "body", "twice"),
        Case(#"{"queue": "a", "\u0071ueue": "b"}"#, "body", "twice"),
        Case(request(#""headers": {"X-A": "1", "X-A": "2"}"#), "body", "twice"),
        Case("plan_time=1&url=http://a.test/", "body"),
        Case("<task/>", "body"),
    ]

    static let wrongShapes: [Case] = [
        Case("[]", "body", "must be an object, not an array"),
        Case("null", "body", "must be an object, not null"),
        Case("true", "body", "not a boolean"),
        Case("1", "body", "not a number"),
        Case(#""x""#, "body", "not a string"),
        Case(time("null"), "plan_time", "not null"),
        Case(time("true"), "plan_time", "not a boolean"),
        Case(time("[]"), "plan_time", "not an array"),
        Case(time("{}"), "plan_time", "not an object"),
        Case(#"{"plan_time": 1, "request": null}"#, "request", "not null"),
        Case(#"{"plan_time": 1, "request": []}"#, "request", "not an array"),
        Case(#"{"plan_time": 1, "request": "http://a.test/"}"#, "request", "not a string"),
        Case(#"{"plan_time": 1, "request": {"url": 5}}"#, "request.url", "must be a string, not a number"),
        Case(#"{"plan_time": 1, "request": {"url": null}}"#, "request.url", "not null"),
        Case(#"{"plan_time": 1, "request": {"url": ["http://a.test/"]}}"#, "request.url", "not an array"),
        Case(request(#""method": 1"#), "request.method", "not a number"),
        Case(request(#""method": null"#), "request.method"),
        Case(request(#""method": ["POST"]"#), "request.method"),
        Case(request(#""headers": []"#), "request.headers", "must be an object of strings, not an array"),
        Case(request(#""headers": "X-A: b""#), "request.headers"),
        Case(request(#""headers": null"#), "request.headers"),
        Case(request(#""headers": {"X-A": 1}"#), "request.headers.X-A", "must be a string, not a number"),
        Case(request(#""headers": {"X-A": null}"#), "request.headers.X-A"),
        Case(request(#""headers": {"X-A": ["b"]}"#), "request.headers.X-A"),
        Case(request(#""headers": {"X-A": {}}"#), "request.headers.X-A"),
        Case(request(#""body": 1"#), "request.body", "must be a string, not a number"),
        Case(request(#""body": {"a": 1}"#), "request.body", "not an object"),
        Case(request(#""body": true"#), "request.body"),
        Case(request(#""body_encoding": 8"#), "request.body_encoding"),
        Case(request(#""max_redirects": "3""#), "request.max_redirects", "must be a whole number, not a string"),
        Case(request(#""max_redirects": 1.5"#), "request.max_redirects", "without fraction"),
        Case(request(#""max_redirects": 1e-1"#), "request.max_redirects", "without fraction"),
        Case(request(#""timeout": 5"#), "request.timeout", "accepted: method, url"),
        Case(request(#""Url": "x""#), "request.Url", "is not known"),
        Case(request(#""": 1"#), "request.", "is not known"),
        Case(with(#""queue": 1"#), "queue", "must be a string, not a number"),
        Case(with(#""queue": null"#), "queue"),
        Case(with(#""queue": ["a"]"#), "queue"),
        Case(with(#""success": "status_2xx""#), "success", "must be an object, not a string"),
        Case(with(#""success": null"#), "success"),
        Case(with(#""success": {"rule": 2}"#), "success.rule"),
        Case(with(#""success": {"status": 200}"#), "success.status", "accepted: rule, statuses, json, body_contains"),
        Case(with(#""success": {"statuses": 200}"#), "success.statuses", "must be an array of numbers and strings"),
        Case(with(#""success": {"statuses": [200, null]}"#), "success.statuses[1]", "not null"),
        Case(with(#""success": {"permanent_failure": "4xx"}"#), "success.permanent_failure", "must be an array"),
        Case(
            with(#""success": {"json": {"path": "$.a"}}"#), "success.json", "must be an array of objects, not an object"
        ),
        Case(with(#""success": {"json": ["$.a"]}"#), "success.json[0]", "must be an object, not a string"),
        Case(with(#""success": {"json": [{"path": "$.a"}]}"#), "success.json[0].equals", "is missing"),
        Case(with(#""success": {"json": [{"equals": 1}]}"#), "success.json[0].path", "is missing"),
        Case(with(#""success": {"json": [{"path": 1, "equals": 1}]}"#), "success.json[0].path", "must be a string"),
        Case(with(#""success": {"json": [{"path": "$", "equals": [1]}]}"#), "success.json[0].equals", "not an array"),
        Case(
            with(#""success": {"json": [{"path": "$", "is": 1, "equals": 1}]}"#), "success.json[0].is", "is not known"),
        Case(with(#""success": {"body_contains": 1}"#), "success.body_contains", "must be a string"),
        Case(with(#""success": {"body_matches": ["a"]}"#), "success.body_matches", "must be a string"),
        Case(with(#""retry": 3"#), "retry", "must be an object, not a number"),
        Case(with(#""retry": {"max_retries": "3"}"#), "retry.max_retries"),
        Case(with(#""retry": {"max_retries": 2.5}"#), "retry.max_retries"),
        Case(with(#""retry": {"max": 3}"#), "retry.max", "accepted: max_retries, delays"),
        Case(with(#""retry": {"delays": 5}"#), "retry.delays", "must be an array of numbers, not a number"),
        Case(with(#""retry": {"delays": "5,15"}"#), "retry.delays"),
        Case(with(#""retry": {"delays": ["5"]}"#), "retry.delays[0]", "not a string"),
        Case(with(#""retry": {"delays": [5, null]}"#), "retry.delays[1]", "not null"),
        Case(with(#""retry": {"delays": [[5]]}"#), "retry.delays[0]"),
        Case(with(#""timeout_ms": "15000""#), "timeout_ms"),
        Case(with(#""timeout_ms": 0.5"#), "timeout_ms"),
        Case(with(#""timeout_ms": null"#), "timeout_ms"),
        Case(with(#""on_lost": true"#), "on_lost"),
        Case(with(#""labels": ["a"]"#), "labels"),
        Case(with(#""labels": {"order": 42}"#), "labels.order", "must be a string, not a number"),
        Case(with(#""labels": {"order": null}"#), "labels.order"),
        Case(with(#""labels": {"a": {"b": "c"}}"#), "labels.a"),
        Case(with(#""id": "x""#), "id", "is not known"),
        Case(with(#""state": "dead""#), "state", "is not known"),
        Case(with(#""planTime": 5"#), "planTime", "accepted: plan_time"),
        Case(with(#""Plan_Time": 5"#), "Plan_Time"),
        Case(with(#""plan_time ": 5"#), "plan_time "),
        Case(with(#""\r\nX-Evil": "1""#), "\r\nX-Evil"),
        Case(with(#""__proto__": {}"#), "__proto__"),
    ]

    static let refusedValues: [Case] = [
        Case(time(#""""#), "plan_time", "RFC 3339", status: 422),
        Case(time(#""tomorrow""#), "plan_time", "RFC 3339", status: 422),
        Case(time(#""2026-11-20""#), "plan_time", status: 422),
        Case(time(#""2026-11-20T10:00:00""#), "plan_time", status: 422),
        Case(time(#""2026-11-20T10:00Z""#), "plan_time", status: 422),
        Case(time(#""2026-13-20T10:00:00Z""#), "plan_time", status: 422),
        Case(time(#""2026-02-30T10:00:00Z""#), "plan_time", status: 422),
        Case(time(#""2026-11-20T25:00:00Z""#), "plan_time", status: 422),
        Case(time(#""2026-11-20T10:00:00.Z""#), "plan_time", status: 422),
        Case(time(#""2026-11-20T10:00:00+25:00""#), "plan_time", status: 422),
        Case(time(#""2026-11-20T10:00:00+0100""#), "plan_time", status: 422),
        Case(time(#""2026-11-20T10:00:00Z ""#), "plan_time", status: 422),
        Case(time(#""99999-01-01T00:00:00Z""#), "plan_time", status: 422),
        Case(time(#""+12026-01-01T00:00:00Z""#), "plan_time", status: 422),
        Case(time(#""９０２６-01-01T00:00:00Z""#), "plan_time", status: 422),
        Case(time(#""0001-01-01T00:00:00Z""#), "plan_time", "1970 and 9999", status: 422),
        Case(time(#""9999-12-31T23:59:59-10:00""#), "plan_time", "1970 and 9999", status: 422),
        Case(time(#""1795168800""#), "plan_time", "RFC 3339", status: 422),
        Case(time("-1"), "plan_time", "1970", status: 422),
        Case(time("-0.5"), "plan_time", "1970", status: 422),
        Case(time("-0.0"), "plan_time", "1970", status: 422),
        Case(time("253402300800"), "plan_time", "9999", status: 422),
        Case(time("1e12"), "plan_time", "9999", status: 422),
        Case(time("1e400"), "plan_time", status: 422),
        Case(time("99999999999999999999999999"), "plan_time", "9999", status: 422),
        Case(time("1795168800000"), "plan_time", "9999", status: 422),
        Case(request(#""body": "a", "body_encoding": "hex""#), "request.body_encoding", "utf8 or base64", status: 422),
        Case(request(#""body": "a", "body_encoding": "base64""#), "request.body", "base64", status: 422),
        Case(request(#""body": "YQ", "body_encoding": "base64""#), "request.body", status: 422),
        Case(request(#""body": "YQ=", "body_encoding": "base64""#), "request.body", status: 422),
        Case(request(#""body": "YR==", "body_encoding": "base64""#), "request.body", status: 422),
        Case(request(#""body": "YQ==\n", "body_encoding": "base64""#), "request.body", status: 422),
        Case(request(#""body": "Y-_=", "body_encoding": "base64""#), "request.body", status: 422),
        Case(request(#""body": "====", "body_encoding": "base64""#), "request.body", status: 422),
        Case(request(#""max_redirects": 99999999999999999999"#), "request.max_redirects", "range", status: 422),
        Case(with(#""timeout_ms": -99999999999999999999"#), "timeout_ms", "range", status: 422),
        Case(with(#""retry": {"delays": [-1]}"#), "retry.delays[0]", "0 or more", status: 422),
        Case(with(#""retry": {"delays": [5, 1e300]}"#), "retry.delays[1]", status: 422),
        Case(with(#""retry": {"delays": [0.0005]}"#), "retry.delays[0]", "three decimals", status: 422),
    ]

    @Test(arguments: notJSON + wrongShapes + refusedValues)
    func isRefused(_ example: Case) async throws {
        let api = TestAPI()
        let answer = try await api.call("POST", "/v1/tasks", example.body)
        let problem = try answer.json
        #expect(answer.status == example.status, "\(answer.text)")
        #expect(answer.headers[.contentType] == "application/problem+json")
        #expect(problem["status"]?.integer == example.status)
        #expect(problem["field"]?.text == example.field, "\(answer.text)")
        #expect(problem["errors"]?.elements.count == 1)
        #expect(problem["errors"]?.elements.first?["detail"]?.text?.contains(example.detail) == true, "\(answer.text)")
        #expect(api.scheduler.state.withLock { $0.drafts.isEmpty })
    }

    @Test func thereAreEnough() {
        #expect(Self.notJSON.count + Self.wrongShapes.count + Self.refusedValues.count >= 150)
    }

    @Test func everyFaultIsNamedInOneAnswer() async throws {
        let body = """
            {"plan_time": true, "queue": 5, "colour": "red", "timeout_ms": "x",
             "request": {"url": 1, "headers": {"A": 1, "B": "b", "C": []}, "body": "?", "body_encoding": "base64"}}
            """
        let answer = try await TestAPI().call("POST", "/v1/tasks", body)
        let fields = try answer.json["errors"]?.elements.compactMap { $0["field"]?.text } ?? []
        #expect(answer.status == 400)
        #expect(
            Set(fields) == [
                "plan_time", "queue", "colour", "timeout_ms", "request.url", "request.headers.A", "request.headers.C",
                "request.body",
            ])
        #expect(try answer.json["field"] == nil)
    }

    @Test func answersStaySmall() async throws {
        let name = String(repeating: "n", count: 50_000)
        let long = try await TestAPI().call("POST", "/v1/tasks", #"{"\#(name)": 1}"#)
        #expect(long.status == 400)
        #expect(long.body.count < 2000)
        let names = (0..<5000).map { #""n\#($0)": 1"# }.joined(separator: ",")
        let many = try await TestAPI().call("POST", "/v1/tasks", "{\(names)}")
        #expect(many.status == 400)
        #expect(many.body.count < 20_000)
    }

    @Test(arguments: [
        ("text/plain", 415), ("application/x-www-form-urlencoded", 415), ("application/json; charset=latin1", 415),
        ("application/json;charset=utf-16", 415), ("application/jsonp", 415), ("multipart/form-data; boundary=x", 415),
        ("", 415), (";", 415), ("application/json", 201), ("application/json; charset=utf-8", 201),
        ("Application/JSON;charset=\"UTF-8\"", 201), ("application/json; x=y", 201), (nil, 201),
    ])
    func contentType(_ type: String?, _ status: Int) async throws {
        let body = #"{"plan_time": 1795168800, "request": {"url": "http://a.test/"}}"#
        let answer = try await TestAPI().call("POST", "/v1/tasks", body, type: type)
        #expect(answer.status == status)
        if status == 415 { #expect(try answer.json["field"]?.text == "Content-Type") }
    }

    @Test func aBodyOverTheLimitIsRefused() async throws {
        let body = #"{"queue": ""# + String(repeating: "x", count: TestAPI.maxBodyBytes) + #""}"#
        let answer = try await TestAPI().call("POST", "/v1/tasks", body)
        #expect(answer.status == 413)
        #expect(try answer.json["field"]?.text == "body")
        #expect(answer.headers[.connection] == "close")
    }

    @Test(arguments: [
        "{}", #"{"request": {}}"#, "[]", #"{"queue": "x"}"#, #"{"request": {"body": 5}}"#, #"{"plan_time": null}"#,
        #"{"request": {"body_encoding": "utf8"}}"#, "",
    ])
    func aPatchMustChangeSomething(_ body: String) async throws {
        let api = TestAPI()
        api.scheduler.state.withLock { $0.tasks = [FakeScheduler.record()] }
        let answer = try await api.call("PATCH", "/v1/tasks/\(FakeScheduler.id)", body)
        #expect(answer.status == 400)
        #expect(try answer.json["field"] != nil)
        #expect(api.scheduler.state.withLock { $0.patches.isEmpty })
    }

    @Test(arguments: [#"{"a": 1}"#, "[]", "x", "null", "\"\""])
    func anActionTakesNoFields(_ body: String) async throws {
        let api = TestAPI()
        api.scheduler.state.withLock { $0.tasks = [FakeScheduler.record()] }
        let answer = try await api.call("POST", "/v1/tasks/\(FakeScheduler.id):cancel", body)
        #expect(answer.status == 400)
        #expect(try answer.json["field"]?.text == "body")
    }
}
