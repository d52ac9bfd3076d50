import MySQL
import Testing
import Transfer

@testable import Scheduler

/// Drafts with one thing wrong, and the field that the refusal must name.
@Suite struct BadDraftTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let field: String
        let what: String
        let change: @Sendable (inout TaskDraft) -> Void
        var testDescription: String { "\(field): \(what)" }

        init(_ field: String, _ what: String, _ change: @escaping @Sendable (inout TaskDraft) -> Void) {
            self.field = field
            self.what = what
            self.change = change
        }
    }

    static func url(_ text: String) -> Case { Case("request.url", text) { $0.url = text } }

    static func header(_ field: String, _ name: String, _ value: String = "v") -> Case {
        Case(field, "\(name.prefix(30)): \(value.prefix(30))") { $0.headers = [HeaderField(name: name, value: value)] }
    }

    static let urls = [
        "", " ", "x", "/hook", "//a.example/", "a.example", "a.example:80", "http:", "http:/", "http://", "http:///",
        "http:a.example", "http//a.example", "ftp://a.example/", "file:///etc/passwd", "gopher://a.example/",
        "dict://a.example/", "javascript:alert(1)", "httpx://a.example/", " http://a.example/", "http://a.example/ ",
        "http://a.example/a b", "http://a.example/\r\nX-Evil: 1", "http://a.example/\n", "http://a.example/\0",
        "http://a.example/\u{7F}", "http://a b.example/", "http://user@a.example/", "http://user:secret@a.example/",
        "http://:secret@a.example/", "http://a.example:0/", "http://a.example:65536/", "http://a.example:99999999999/",
        "http://a.example:port/", "http://a.example:-1/", "http://[::1/", "http://[zz]/", "http://169.254.169.254/",
        "http://169.254.0.1/", "http://[fe80::1]/", "http://[fd00:ec2::254]/", "http://0.0.0.0/", "http://0/",
        "http://[::]/", "http://224.0.0.1/", "http://255.255.255.255/", "http://[ff02::1]/",
        "http://[::ffff:169.254.169.254]/", "http://2852039166/", "http://0xa9fea9fe/", "http://0251.0376.0251.0376/",
        "http://169.254.43518/", "http://169.254.169.254./",
    ].map(url)

    static let others = [
        Case("request.url", "missing") { $0.url = nil },
        Case("request.url", "too long") { $0.url = "http://a.example/" + String(repeating: "x", count: 2032) },
        Case("plan_time", "missing") { $0.planTime = nil },
        Case("plan_time", "before 1970") { $0.planTime = Timestamp(microseconds: -1) },
        Case("plan_time", "after 9999") { $0.planTime = Timestamp.range.upperBound + .microseconds(1) },
        Case("plan_time", "year 1") { $0.planTime = Timestamp(rfc3339: "0001-01-01T00:00:00Z") },
        Case("request.method", "empty") { $0.method = "" },
        Case("request.method", "TRACE") { $0.method = "TRACE" },
        Case("request.method", "CONNECT") { $0.method = "CONNECT" },
        Case("request.method", "injection") { $0.method = "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET" },
        Case("request.body", "with GET") { ($0.method, $0.body) = ("GET", [1]) },
        Case("request.body", "with HEAD") { ($0.method, $0.body) = ("head", []) },
        Case("request.body", "too long") {
            $0.body = Array(repeating: 0, count: Configuration().server.maxBodyBytes + 1)
        },
        Case("request.max_redirects", "negative") { $0.maxRedirects = -1 },
        Case("request.max_redirects", "11") { $0.maxRedirects = 11 },
        Case("request.headers", "51") { $0.headers = (0...50).map { HeaderField(name: "X-\($0)", value: "") } },
        Case("request.headers", "too long in all") {
            $0.headers = (0..<3).map { HeaderField(name: "X-\($0)", value: String(repeating: "v", count: 6000)) }
        },
        header("request.headers", ""), header("request.headers", "X A"), header("request.headers", "X:A"),
        header("request.headers", "X-A\r\nX-B"), header("request.headers", "Ж"),
        header("request.headers", String(repeating: "n", count: 101)),
        header("request.headers.X-A", "X-A", "a\r\nX-B: c"), header("request.headers.X-A", "X-A", "a\n"),
        header("request.headers.X-A", "X-A", "\0"), header("request.headers.X-A", "X-A", "\u{7F}"),
        header("request.headers.X-A", "X-A", String(repeating: "v", count: 8193)),
        header("request.headers.Content-Length", "Content-Length", "0"),
        header("request.headers.transfer-encoding", "transfer-encoding", "chunked"),
        header("request.headers.X-Task-Id", "X-Task-Id"), header("request.headers.Idempotency-Key", "Idempotency-Key"),
        header("request.headers.CONNECTION", "CONNECTION", "close"), header("request.headers.Expect", "Expect"),
        Case("request.headers.x-a", "twice") {
            $0.headers = [HeaderField(name: "X-A", value: "1"), HeaderField(name: "x-a", value: "2")]
        },
        Case("queue", "empty") { $0.queue = "" },
        Case("queue", "space") { $0.queue = "a b" },
        Case("queue", "not ASCII") { $0.queue = "очередь" },
        Case("queue", "slash") { $0.queue = "a/b" },
        Case("queue", "too long") { $0.queue = String(repeating: "q", count: 101) },
        Case("success.rule", "unknown") { $0.successRule = "always" },
        Case("success.rule", "case") { $0.successRule = "STATUS_2XX" },
        Case("on_lost", "unknown") { $0.onLost = "forget" },
        Case("timeout_ms", "99") { $0.timeoutMilliseconds = 99 },
        Case("timeout_ms", "3600001") { $0.timeoutMilliseconds = 3_600_001 },
        Case("timeout_ms", "negative") { $0.timeoutMilliseconds = -1 },
        Case("timeout_ms", "greatest") { $0.timeoutMilliseconds = .max },
        Case("timeout_ms", "least") { $0.timeoutMilliseconds = .min },
        Case("retry.max_retries", "negative") { $0.maxRetries = -1 },
        Case("retry.max_retries", "101") { $0.maxRetries = 101 },
        Case("retry.delays", "101") { $0.retryDelays = Array(repeating: 1, count: 101) },
        Case("retry.delays[1]", "negative") { $0.retryDelays = [1, -0.001] },
        Case("retry.delays[0]", "more than a year") { $0.retryDelays = [31_536_000.001] },
        Case("retry.delays[0]", "no number") { $0.retryDelays = [.nan] },
        Case("retry.delays[2]", "infinite") { $0.retryDelays = [1, 2, .infinity] },
        Case("labels", "21") { for number in 0...20 { $0.labels["l\(number)"] = "" } },
        Case("labels", "empty name") { $0.labels = ["": "x"] },
        Case("labels", "name with a space") { $0.labels = ["a b": "x"] },
        Case("labels", "name too long") { $0.labels = [String(repeating: "n", count: 65): "x"] },
        Case("labels.a", "too long") { $0.labels = ["a": String(repeating: "v", count: 257)] },
        Case("labels.a", "line break") { $0.labels = ["a": "x\ny"] },
        Case("labels.a", "NUL") { $0.labels = ["a": "\0"] },
    ]

    @Test(arguments: urls + others) func isRefusedByItsField(expected: Case) {
        let draft = TaskRulesTests.draft(expected.change)
        let error = #expect(throws: ValidationError.self) { try TaskRules(Configuration()).check(draft) }
        #expect(error?.problems.map(\.field) == [expected.field], "\(error?.problems ?? [])")
        #expect(error?.problems.allSatisfy { !$0.detail.isEmpty && $0.detail.utf8.count < 600 } == true)
    }

    /// The same addresses that the preset `public` refuses on top.
    @Test(arguments: [
        "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "[::1]", "[fd12::1]", "100.64.0.1", "2130706433",
    ])
    func publicPresetRefusesInnerAddresses(host: String) {
        var configuration = Configuration()
        configuration.dispatch.addressPolicy = AddressPolicy(preset: .public)
        let draft = TaskRulesTests.draft { $0.url = "http://\(host)/" }
        let error = #expect(throws: ValidationError.self) { try TaskRules(configuration).check(draft) }
        #expect(error?.problems.map(\.field) == ["request.url"])
        #expect(throws: Never.self) { try TaskRules(Configuration()).check(draft) }
    }
}
