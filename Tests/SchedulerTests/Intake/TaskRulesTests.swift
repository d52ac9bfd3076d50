import MySQL
import Testing
import Transfer

@testable import Scheduler

/// Good drafts, and what they become.
@Suite struct TaskRulesTests {
    static let planTime = Timestamp(microseconds: 1_795_255_200_250_000)
    let rules = TaskRules(Configuration())

    static func draft(_ change: (inout TaskDraft) -> Void = { _ in }) -> TaskDraft {
        var draft = TaskDraft()
        draft.planTime = planTime
        draft.url = "http://receiver.example/hook"
        change(&draft)
        return draft
    }

    @Test func whatIsNotSaidTakesItsDefault() throws {
        let task = try rules.check(Self.draft())
        #expect(
            task
                == NewTask(
                    queue: "default", planTime: Self.planTime,
                    request: CallbackRequest(method: "POST", url: "http://receiver.example/hook"),
                    successRule: .status2xx,
                    retrySchedule: RetrySchedule(
                        maxRetries: 6, delays: [5, 15, 30, 180, 3600, 7200].map { .seconds($0) }),
                    timeout: .seconds(15)))
    }

    @Test func whatIsSaidIsTaken() throws {
        let draft = Self.draft {
            $0.queue = "mail.v2_x-y"
            $0.method = "put"
            $0.headers = [HeaderField(name: "X-A", value: "b")]
            $0.body = [0, 255]
            $0.maxRedirects = 10
            $0.successRule = "legacy_json_success"
            $0.maxRetries = 4
            $0.retryDelays = [0, 0.25, 31_536_000]
            $0.timeoutMilliseconds = 100
            $0.onLost = "dead"
            $0.labels = ["order": "42"]
        }
        let task = try rules.check(draft)
        #expect(task.queue == "mail.v2_x-y")
        #expect(task.request.method == "PUT")
        #expect(task.request.headers == draft.headers)
        #expect(task.request.body == [0, 255])
        #expect(task.request.maxRedirects == 10)
        #expect(task.successRule == .legacyJSONSuccess)
        #expect(
            task.retrySchedule
                == RetrySchedule(maxRetries: 4, delays: [.zero, .milliseconds(250), .seconds(31_536_000)]))
        #expect(task.timeout == .milliseconds(100))
        #expect(task.onLost == .dead)
        #expect(task.labels == ["order": "42"])
    }

    static let good: [(String, @Sendable (inout TaskDraft) -> Void)] = [
        ("https", { $0.url = "https://a.example/x?y=1#z" }),
        ("upper-case scheme", { $0.url = "HTTP://a.example/" }),
        ("port", { $0.url = "http://a.example:65535/" }),
        ("private address", { $0.url = "http://10.0.0.1:8080/" }),
        ("loopback", { $0.url = "http://127.0.0.1/" }),
        ("IPv6", { $0.url = "http://[::1]:8080/" }),
        ("non-ASCII path", { $0.url = "http://a.example/ж" }),
        ("longest URL", { $0.url = "http://a.example/" + String(repeating: "x", count: 2031) }),
        ("delete", { $0.method = "Delete" }),
        ("get without body", { $0.method = "GET" }),
        ("empty body", { $0.body = [] }),
        ("longest body", { $0.body = Array(repeating: 0, count: Configuration().server.maxBodyBytes) }),
        ("fifty headers", { $0.headers = (0..<50).map { HeaderField(name: "X-\($0)", value: "") } }),
        ("tab in a header", { $0.headers = [HeaderField(name: "X-A", value: "a\tb")] }),
        ("own host", { $0.headers = [HeaderField(name: "Host", value: "b.example")] }),
        ("longest value", { $0.headers = [HeaderField(name: "X", value: String(repeating: "v", count: 8192))] }),
        ("epoch", { $0.planTime = Timestamp(microseconds: 0) }),
        ("end of time", { $0.planTime = Timestamp.range.upperBound }),
        ("no retries", { $0.maxRetries = 0 }),
        ("hundred retries", { $0.retryDelays = Array(repeating: 31_535_999.999, count: 100) }),
        ("no delays", { $0.retryDelays = [] }),
        ("longest timeout", { $0.timeoutMilliseconds = 3_600_000 }),
        ("twenty labels", { for number in 0..<20 { $0.labels["l\(number)"] = String(repeating: "ж", count: 128) } }),
        ("longest queue", { $0.queue = String(repeating: "q", count: 100) }),
    ]

    @Test(arguments: good.indices) func accepts(index: Int) throws {
        let (name, change) = Self.good[index]
        #expect(throws: Never.self, "\(name)") { try rules.check(Self.draft(change)) }
    }

    @Test func delaysFitIntoTheirColumn() throws {
        let draft = Self.draft { $0.retryDelays = Array(repeating: 31_535_999.999, count: 100) }
        #expect(try rules.check(draft).retrySchedule.delayText.utf8.count <= 1300)
    }

    @Test func everyProblemIsSaidAtOnce() {
        let draft = Self.draft {
            $0.planTime = nil
            $0.url = "ftp://a.example/"
            $0.queue = ""
            $0.timeoutMilliseconds = 0
            $0.onLost = "forget"
        }
        let error = #expect(throws: ValidationError.self) { try rules.check(draft) }
        #expect(error?.problems.map(\.field) == ["plan_time", "request.url", "queue", "on_lost", "timeout_ms"])
    }

    // MARK: Changes

    static let original = CallbackRequest(
        method: "POST", url: "http://a.example/", headers: [HeaderField(name: "X-A", value: "b")], body: [1])

    @Test func aPatchChangesWhatItNames() throws {
        var patch = TaskPatch()
        #expect(try rules.check(patch, of: Self.original) == nil)
        patch.planTime = Self.planTime
        #expect(try rules.check(patch, of: Self.original) == nil)
        patch.url = "http://b.example/"
        patch.method = "put"
        var expected = Self.original
        expected.url = "http://b.example/"
        expected.method = "PUT"
        #expect(try rules.check(patch, of: Self.original) == expected)
        patch.body = .some(nil)
        patch.headers = []
        patch.maxRedirects = 3
        expected.body = nil
        expected.headers = []
        expected.maxRedirects = 3
        #expect(try rules.check(patch, of: Self.original) == expected)
    }

    static let badPatches: [(String, @Sendable (inout TaskPatch) -> Void)] = [
        ("plan_time", { $0.planTime = Timestamp(microseconds: -1) }),
        ("request.url", { $0.url = "file:///etc/passwd" }),
        ("request.method", { $0.method = "TRACE" }), ("request.body", { $0.method = "GET" }),
        ("request.max_redirects", { $0.maxRedirects = 11 }),
        ("request.headers.X-A", { $0.headers = [HeaderField(name: "X-A", value: "a\r\nb")] }),
    ]

    @Test(arguments: badPatches.indices) func aPatchIsCheckedLikeATask(index: Int) {
        var patch = TaskPatch()
        Self.badPatches[index].1(&patch)
        let error = #expect(throws: ValidationError.self) { try rules.check(patch, of: Self.original) }
        #expect(error?.problems.map(\.field) == [Self.badPatches[index].0])
    }

    /// It keeps a body that is not sent.
    @Test func aGetOfTheOldFormCanBeEdited() throws {
        let old = CallbackRequest(method: "GET", url: "http://a.example/", body: [])
        var patch = TaskPatch()
        patch.url = "http://b.example/"
        #expect(try rules.check(patch, of: old)?.url == "http://b.example/")
        patch.body = [1]
        #expect(throws: ValidationError.self) { try rules.check(patch, of: old) }
    }
}
