import HTTPTypes
import Scheduler
import Synchronization
import Testing

@testable import Web

@Suite struct QueueAPITests {
    let api = TestAPI()
    var scheduler: FakeScheduler { api.scheduler }

    @Test func aQueueIsMadeShownChangedAndDeleted() async throws {
        let made = try await api.call(
            "POST", "/v1/queues",
            #"{"name": "mail", "rate_per_second": 0.5, "burst": 2, "defaults": {"retry": {"delays": [1, 2]}, "success": {"statuses": ["2xx"]}}}"#
        )
        #expect(made.status == 201)
        #expect(try made.json["rate_per_second"] == .number("0.5"))
        #expect(try made.json["max_concurrency"] == .null)
        #expect(try made.json["defaults"]?["retry"]?["max_retries"] == .number("2"))
        #expect(try made.json["defaults"]?["timeout_ms"] == .null)
        #expect(try made.json["is_estimate"] == .bool(true))
        #expect(try await api.call("POST", "/v1/queues", #"{"name": "mail"}"#).status == 409)
        let list = try await api.call("GET", "/v1/queues")
        #expect(try list.json["queues"]?.elements.count == 1)
        #expect(try await api.call("GET", "/v1/queues/mail").status == 200)
        #expect(try await api.call("GET", "/v1/queues/other").status == 404)
        let changed = try await api.call(
            "PATCH", "/v1/queues/mail", #"{"rate_per_second": null, "max_concurrency": 4, "defaults": {"retry": null}}"#
        )
        #expect(changed.status == 200)
        #expect(try changed.json["rate_per_second"] == .null)
        #expect(try changed.json["max_concurrency"] == .number("4"))
        #expect(try changed.json["defaults"]?["retry"] == .null)
        #expect(scheduler.state.withLock { $0.queuePatches[0].burst } == nil)
        #expect(try await api.call("POST", "/v1/queues/mail:pause").json["paused_at"] != .null)
        #expect(try await api.call("POST", "/v1/queues/mail:resume").status == 200)
        let purged = try await api.call("POST", "/v1/queues/mail:purge")
        #expect(purged.status == 200)
        #expect(try purged.json["done"] == .number("3"))
        #expect(try await api.call("DELETE", "/v1/queues/mail").status == 204)
        #expect(try await api.call("DELETE", "/v1/queues/mail").status == 404)
    }

    @Test func theyAreListedInPages() async throws {
        scheduler.state.withLock { $0.queues = ["a", "b", "c"].map { FakeScheduler.queue($0) } }
        let first = try await api.call("GET", "/v1/queues?limit=2").json
        #expect(first["queues"]?.elements.map { $0["name"]?.text } == ["a", "b"])
        #expect(first["next_cursor"] == .string("b"))
        let second = try await api.call("GET", "/v1/queues?limit=2&cursor=b").json
        #expect(second["queues"]?.elements.map { $0["name"]?.text } == ["c"])
        #expect(second["next_cursor"] == .null)
        for query in ["limit=0", "limit=501", "limit=x", "cursor=", "cursor=a%20b", "after=b"] {
            #expect(try await api.call("GET", "/v1/queues?\(query)").status == 400, "\(query)")
        }
    }

    @Test func callsOfTheLastHourAreTold() async throws {
        var queue = FakeScheduler.queue("mail")
        queue.recent.calls = 3
        queue.recent.failures = 1
        queue.recent.classes = ["success": 2, "timeout": 1]
        queue.recent.duration = Percentiles(p50: 200, p99: 5_000_000)
        scheduler.state.withLock { $0.queues = [queue] }
        let recent = try #require(try await api.call("GET", "/v1/queues/mail").json["recent"])
        #expect(recent["calls"] == .number("3"))
        #expect(recent["failures"] == .number("1"))
        #expect(recent["classes"]?["timeout"] == .number("1"))
        #expect(recent["duration_ms"]?["p50"] == .number("0.200"))
        #expect(recent["duration_ms"]?["p99"] == .number("5000.000"))
        #expect(recent["lateness_ms"] == .null)
    }

    @Test func instancesAreListedInPages() async throws {
        scheduler.state.withLock {
            $0.instances = [
                FakeScheduler.instance(7), FakeScheduler.instance(9),
                FakeScheduler.instance(8, endedAt: FakeScheduler.now),
                FakeScheduler.instance(3, endedAt: FakeScheduler.now),
            ]
        }
        var (pages, cursors, cursor): ([[Int?]], [String], String?) = ([], [], nil)
        repeat {
            let page = try await api.call("GET", "/v1/instances?limit=1" + (cursor.map { "&cursor=\($0)" } ?? "")).json
            pages.append(page["instances"]?.elements.map { $0["incarnation"]?.integer } ?? [])
            cursor = page["next_cursor"]?.text
            cursors += cursor.map { [$0] } ?? []
        } while cursor != nil
        #expect(pages == [[7], [9], [8], [3]])
        #expect(cursors == ["living-7", "living-9", "ended-8"])
    }

    @Test(arguments: ["living-", "ended-x", "7", "living--1", "living-01", "dead-1"])
    func aCursorOfInstancesIsOneOfTheirs(_ cursor: String) async throws {
        #expect(try await api.call("GET", "/v1/instances?cursor=\(cursor)").status == 400)
    }

    @Test(arguments: ["living-0", "ended-17"]) func aCursorOfInstancesIsReadAsWritten(_ cursor: String) {
        #expect(InstanceCursor(cursor).map { "\($0)" } == cursor)
    }

    @Test func whatIsFullIsNotDeletedAndItsPurgeGoesOn() async throws {
        scheduler.state.withLock { $0.queues = [FakeScheduler.queue("full")] }
        #expect(try await api.call("DELETE", "/v1/queues/full").status == 409)
        let purge = try await api.call("POST", "/v1/queues/full:purge")
        #expect(purge.status == 202)
        #expect(try purge.json["state"] == .string("running"))
    }

    /// Method, path, document, status, and the field at fault.
    @Test(
        arguments: [
            ("POST", "", "{}", 400, "name"), ("POST", "", #"{"name": 1}"#, 400, "name"),
            ("POST", "", #"{"name": "a b"}"#, 422, "name"), ("POST", "", #"{"name": "a", "x": 1}"#, 400, "x"),
            ("POST", "", #"{"name": "a", "rate_per_second": "1"}"#, 400, "rate_per_second"),
            ("POST", "", #"{"name": "a", "rate_per_second": 1e400}"#, 422, "rate_per_second"),
            ("POST", "", #"{"name": "a", "max_concurrency": 1.5}"#, 400, "max_concurrency"),
            ("POST", "", #"{"name": "a", "priority": null}"#, 400, "priority"),
            ("POST", "", #"{"name": "a", "defaults": 1}"#, 400, "defaults"),
            ("POST", "", #"{"name": "a", "defaults": {"retry": {"delays": [-1]}}}"#, 422, "defaults.retry.delays[0]"),
            ("POST", "", #"{"name": "a", "defaults": {"success": {"rule": "no"}}}"#, 422, "defaults.success.rule"),
            ("PATCH", "/full", "{}", 400, "body"), ("PATCH", "/full", #"{"name": "b"}"#, 400, "name"),
            ("PATCH", "/full", #"{"weight": 0}"#, 422, "weight"),
            ("PATCH", "/full", #"{"burst": 3}"#, 422, "burst"),
            ("POST", "/full:purge", #"{"a": 1}"#, 400, "body"),
        ] as [(String, String, String, Int, String)])
    func problemsNameTheirFields(
        method: String, path: String, body: String, status: Int, field: String
    ) async throws {
        scheduler.state.withLock { $0.queues = [FakeScheduler.queue("full")] }
        let answer = try await api.call(method, "/v1/queues" + path, body)
        #expect(answer.status == status)
        #expect(try answer.json["field"] == .string(field))
    }

    @Test(arguments: ["/v1/queues/", "/v1/queues/a/b", "/v1/queues/a:explode"]) func nothingElse(path: String)
        async throws
    {
        #expect(try await api.call("GET", path).status == 404)
    }
}
