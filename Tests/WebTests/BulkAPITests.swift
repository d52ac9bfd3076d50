import HTTPTypes
import MySQL
import Synchronization
import Testing

@testable import Scheduler
@testable import Web

/// Many tasks at once, versions and views, as they are written in HTTP.
struct BulkAPITests {
    private let api = TestAPI()
    private let path = "/v1/tasks/\(FakeScheduler.id)"

    @Test func anOrderIsReadAndBegun() async throws {
        let body = """
            {"action": "reschedule", "plan_time": 60, "per_second": 20,
             "filter": {"state": "retrying", "queue": "q", "host": "a.test:8080", "label": "a=b", "from": 1, "to": 2}}
            """
        let answer = try await api.call("POST", "/v1/tasks:bulk", body)
        #expect(answer.status == 202)
        #expect(answer.headers[.location] == "/v1/bulk-operations/3")
        api.scheduler.state.withLock { state in
            #expect(state.actions == [.reschedule(Timestamp(microseconds: 60_000_000))])
            #expect(state.perSecond == 20)
            #expect(state.filter?.state == .retrying)
            #expect(state.filter?.label == TaskFilter.Label(key: "a", value: "b"))
            #expect(state.filter?.to == Timestamp(microseconds: 2_000_000))
        }
    }

    @Test func aDryRunOnlyCounts() async throws {
        let order = #"{"action": "cancel", "filter": {}, "dry_run": true}"#
        let tasks = try await api.call("POST", "/v1/tasks:bulk", order)
        #expect(tasks.text == #"{"count":9,"is_exact":false}"#)
        let letters = try await api.call("POST", "/v1/dead-letters:retry", #"{"dry_run": true}"#)
        #expect(letters.text == #"{"count":7,"is_exact":true}"#)
        #expect(api.scheduler.state.withLock { $0.actions.isEmpty && $0.perSecond == nil })
    }

    @Test(arguments: [
        (#"{"filter": {}}"#, 400, "action"), (#"{"action": "cancel"}"#, 400, "filter"),
        (#"{"action": "stop", "filter": {}}"#, 422, "action"),
        (#"{"action": "reschedule", "filter": {}}"#, 422, "plan_time"),
        (#"{"action": "cancel", "plan_time": 1, "filter": {}}"#, 422, "plan_time"),
        (#"{"action": "cancel", "filter": {"state": "lost"}}"#, 422, "filter.state"),
        (#"{"action": "cancel", "filter": {"host": "a/b"}}"#, 422, "filter.host"),
        (#"{"action": "cancel", "filter": {"label": "=b"}}"#, 422, "filter.label"),
        (#"{"action": "cancel", "filter": {}, "per_second": 1001}"#, 422, "per_second"),
        (#"{"action": "cancel", "filter": {}, "dry_run": 1}"#, 400, "dry_run"),
        (#"{"action": "cancel", "filter": {"age": 1}}"#, 400, "filter.age"),
    ])
    func anOrderThatIsNoneIsRefused(body: String, status: Int, field: String) async throws {
        let answer = try await api.call("POST", "/v1/tasks:bulk", body)
        #expect(answer.status == status)
        #expect(try answer.json["field"]?.text == field)
    }

    @Test func deadLettersAreListedAndRetried() async throws {
        let page = try await api.call("GET", "/v1/dead-letters?queue=q&reason=time&from=1&limit=5")
        #expect(try page.json["dead_letters"]?.elements.count == 1)
        let cursor = try #require(try page.json["next_cursor"]?.text)
        #expect(try await api.call("GET", "/v1/dead-letters?cursor=\(cursor)").status == 200)
        #expect(api.scheduler.state.withLock { $0.letterFilter } == DeadLetterFilter())
        let wrong = try await api.call("GET", "/v1/dead-letters?cursor=x&host=a/b")
        #expect(wrong.status == 400)
        #expect(try await api.call("GET", "/v1/dead-letters?host=a/b").status == 400)
        let retried = try await api.call(
            "POST", "/v1/dead-letters:retry", #"{"filter": {"queue": "q", "reason": "time"}, "per_second": 7}"#)
        #expect(retried.status == 202)
        #expect(api.scheduler.state.withLock { $0.perSecond } == 7)
        #expect(api.scheduler.state.withLock { $0.letterFilter?.reason } == "time")
    }

    @Test func operationsAreListedShownAndCancelled() async throws {
        let first = try await api.call("GET", "/v1/bulk-operations?limit=2")
        #expect(try first.json["operations"]?.elements.map { $0["id"]?.integer } == [5, 4])
        #expect(try first.json["next_cursor"]?.text == "4")
        let last = try await api.call("GET", "/v1/bulk-operations?cursor=3")
        #expect(try last.json["next_cursor"] == .null)
        #expect(try await api.call("GET", "/v1/bulk-operations/3").status == 200)
        #expect(try await api.call("POST", "/v1/bulk-operations/3:cancel").status == 200)
        for path in ["4", "x", "99999999999999999999", "3/x"] {
            #expect(try await api.call("GET", "/v1/bulk-operations/\(path)").status == 404, "\(path)")
        }
        #expect(try await api.call("POST", "/v1/bulk-operations/4:cancel").status == 404)
        #expect(try await api.call("GET", "/v1/instances").status == 200)
        #expect(try await api.call("GET", "/v1/audit-events").status == 503)
        #expect(try await api.call("GET", "/v1/audit-events?action=x&cursor=0").status == 400)
    }

    // MARK: Versions and views

    @Test func aTaskHasItsVersionForTag() async throws {
        api.scheduler.state.withLock { $0.tasks = [FakeScheduler.record()] }
        let task = #"{"plan_time": 1, "request": {"url": "http://a.test/"}}"#
        let created = try await api.call("POST", "/v1/tasks", task)
        for answer in [created, try await api.call("GET", path)] { #expect(answer.headers[.eTag] == "\"1\"") }
    }

    @Test(
        arguments: [
            (nil, nil), ("*", nil), (#""3""#, [3]), (#""3", "4""#, [3, 4]), (#"W/"3""#, []), (#""abc""#, []),
        ] as [(String?, Set<Int>?)])
    func onlyTheVersionsThatAreNamedAreChanged(header: String?, versions: Set<Int>?) async throws {
        api.scheduler.state.withLock { $0.tasks = [FakeScheduler.record()] }
        for (method, path, body) in [("PATCH", path, #"{"plan_time": 1}"#), ("POST", path + ":cancel", "")] {
            var headers = HTTPFields()
            headers[.ifMatch] = header
            #expect(try await api.call(method, path, body.utf8, headers: headers).status == 200)
            #expect(api.scheduler.state.withLock { $0.versions } == versions)
        }
    }

    @Test(arguments: ["3", "\"3", "\"3\" \"4\"", "", "*, \"3\""])
    func whatIsNoTagIsRefused(header: String) async throws {
        api.scheduler.state.withLock { $0.tasks = [FakeScheduler.record()] }
        var headers = HTTPFields()
        headers[.ifMatch] = header
        let answer = try await api.call("POST", path + ":run", "".utf8, headers: headers)
        #expect(answer.status == 400)
        #expect(try answer.json["field"]?.text == "If-Match")
    }

    @Test func aTaskThatHasChangedIsToldSo() async throws {
        api.scheduler.state.withLock { $0.failure = SchedulerError.versionChanged(7) }
        let answer = try await api.call("PATCH", path, #"{"plan_time": 1}"#)
        #expect(answer.status == 412)
        #expect(answer.text.contains(#"version \"7\""#))
    }

    @Test func theBasicViewIsWithoutWhatMayBeLong() async throws {
        api.scheduler.state.withLock { $0.tasks = [FakeScheduler.record(body: [1, 2])] }
        let basic = try await api.call("GET", path + "?view=basic")
        #expect(try basic.json["request"]?.members.map(\.name) == ["method", "url"])
        #expect(try basic.json["success"] == nil)
        #expect(try await api.call("GET", path + "?view=full").json["success"] != nil)
        #expect(try await api.call("GET", "/v1/tasks?view=basic").json["tasks"]?.elements.first?["success"] == nil)
        #expect(try await api.call("GET", path + "?view=short").status == 400)
    }

    @Test func anExportHasATaskOnEachLine() async throws {
        api.scheduler.state.withLock { $0.tasks = [FakeScheduler.record(), FakeScheduler.record()] }
        api.scheduler.state.withLock { $0.pages = 3 }
        let answer = try await api.call("GET", "/v1/tasks:export?state=dead&view=basic")
        #expect(answer.headers[.contentType] == "application/jsonl")
        let lines = answer.text.split(separator: "\n")
        #expect(lines.count == 6)
        for line in lines { #expect(try JSONParser.parse(Array(line.utf8))["id"]?.text == "\(FakeScheduler.id)") }
        #expect(api.scheduler.state.withLock { $0.filter?.state } == .dead)
    }
}
