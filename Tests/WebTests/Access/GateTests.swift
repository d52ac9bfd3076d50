import HTTPTypes
import Logging
import MySQL
import Synchronization
import Testing
import ThreadPool
import Transfer

@testable import Accounts
@testable import Scheduler
@testable import Web

/// Keys as a database would hold them, and what was written there.
private final class FakeKeys: Sendable {
    struct State {
        var keys: [APIKey] = []
        var readings = 0
        var uses: [Int] = []
        var events: [AuditEvent] = []
        var isAway = false
        var now = Timestamp(microseconds: 1_795_168_800_000_000)
    }

    let state = Mutex(State())

    func add(
        _ name: String, _ scopes: Set<KeyScope>, queues: Set<String>? = nil, rate: Int? = nil,
        expires: Timestamp? = nil
    ) -> String {
        let secret = APIKeySecret.random()
        state.withLock { state in
            state.keys.append(
                APIKey(
                    id: state.keys.count + 1, name: name, prefix: secret.prefix, scopes: scopes, queues: queues,
                    requestsPerSecond: rate, createdAt: state.now, createdBy: "test", expiresAt: expires,
                    lastUsedAt: nil, disabledAt: nil, digest: secret.digest))
        }
        return secret.text
    }

    func table() throws -> APIKeyTable {
        try state.withLock { state in
            state.readings += 1
            if state.isAway { throw MySQLError(.poolTimeout, "away") }
            return APIKeyTable(state.keys, readAt: state.now)
        }
    }
}

/// Time that passes when a test says so.
private final class SteppedTime: Timekeeper {
    private let instant = Mutex(ContinuousClock.now)

    func now() -> ContinuousClock.Instant { instant.withLock { $0 } }
    func sleep(until deadline: ContinuousClock.Instant) async throws { try await Task.sleep(for: .seconds(3600)) }
    func jitter(_ range: ClosedRange<Int>) -> Int { range.lowerBound }
    func randomBits() -> UInt64 { 0 }
    func pass(_ duration: Duration) { instant.withLock { $0 = $0.advanced(by: duration) } }
}

struct GateTests {
    private let keys = FakeKeys()
    private let time = SteppedTime()
    private let configuration: LiveConfiguration
    private let api: TestAPI

    init() {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let (keys, live) = (keys, LiveConfiguration(Configuration()))
        configuration = live
        let ring = KeyRing(
            time: time, logger: logger, read: { try keys.table() },
            writeUse: { id in keys.state.withLock { $0.uses.append(id) } })
        // Nobody asks this one anything here.
        let store = APIKeyStore(
            ConnectionPool(ConnectionOptions(), .init(connections: 1, waitTimeout: .zero)), prefix: "")
        var api = TestAPI()
        api.gate = Gate(keys: ring, store: store, live: live, logger: logger) { event in
            keys.state.withLock { $0.events.append(event) }
        }
        // Of a public address.
        api.peer = IPAddress("203.0.113.9")
        self.api = api
    }

    private func call(
        _ method: String, _ path: String, key: String? = nil, _ body: String = "", scheme: String = "Bearer"
    ) async throws -> TestAPI.Answer {
        var headers: HTTPFields = [:]
        if let key { headers[.authorization] = "\(scheme) \(key)" }
        return try await api.call(method, path, body.utf8, headers: headers)
    }

    private static let task = #"{"plan_time":1,"request":{"url":"http://a.test/"}}"#

    @Test func withoutAKeyNothingIsSaidButThatOneIsNeeded() async throws {
        for row in EndpointAccessTests.table where row.path.hasPrefix("/v1/") {
            for method in try Endpoint(path: row.path[...]).methods {
                let answer = try await call(method, row.path, "{")
                #expect(answer.status == 401, "\(method) \(row.path)")
                #expect(answer.headers[.wwwAuthenticate] == #"Bearer realm="schedulerd""#)
                #expect(answer.headers[.contentType] == "application/problem+json")
            }
        }
        #expect(try await call("GET", "/healthz").status == 200)
        #expect(keys.state.withLock { $0.readings } == 0)
    }

    @Test func whatDoesNotLetInIsAnsweredAlike() async throws {
        let expired = keys.add("old", [.admin], expires: Timestamp(microseconds: 1_795_168_800_000_000))
        let disabled = keys.add("off", [.admin])
        keys.state.withLock { state in
            let key = state.keys[1]
            state.keys[1] = APIKey(
                id: 2, name: key.name, prefix: key.prefix, scopes: key.scopes, queues: nil, requestsPerSecond: nil,
                createdAt: key.createdAt, createdBy: "test", expiresAt: nil, lastUsedAt: nil, disabledAt: state.now,
                digest: key.digest)
        }
        let good = keys.add("good", [.admin])
        var answers: Set<String> = []
        for key in [expired, disabled, APIKeySecret.random().text, "x", String(good.dropLast()), good + "A"] {
            let answer = try await call("GET", "/v1/tasks", key: key)
            #expect(answer.status == 401)
            answers.insert(answer.text + (answer.headers[.wwwAuthenticate] ?? ""))
        }
        #expect(answers.count == 1)
        #expect(try await call("GET", "/v1/tasks", key: good).status == 200)
        #expect(try await call("GET", "/v1/tasks", key: good, scheme: "bEARER").status == 200)
        #expect(try await call("GET", "/v1/tasks", key: good, scheme: "Basic").status == 401)
    }

    @Test(arguments: [
        (KeyScope.tasksRead, "GET", "/v1/tasks", 200), (.tasksRead, "POST", "/v1/tasks", 403),
        (.tasksWrite, "POST", "/v1/tasks", 201), (.tasksWrite, "GET", "/v1/tasks", 403),
        (.tasksRead, "GET", "/v1/api-keys", 403), (.tasksWrite, "GET", "/v1/api-keys/1", 403),
        (.admin, "GET", "/v1/tasks", 200), (.admin, "POST", "/v1/tasks", 201),
        (.tasksRead, "GET", "/v1/sources", 200), (.tasksRead, "HEAD", "/v1/tasks", 200),
    ])
    func aScopeAllowsWhatItSays(_ scope: KeyScope, _ method: String, _ path: String, _ status: Int) async throws {
        let key = keys.add("k", [scope])
        let answer = try await call(method, path, key: key, method == "POST" ? Self.task : "")
        #expect(answer.status == status)
        if status == 403 { #expect(answer.headers[.wwwAuthenticate]?.contains("insufficient_scope") == true) }
    }

    @Test func aKeyForSomeQueuesSeesNoOther() async throws {
        let mail = keys.add("mail", [.tasksRead, .tasksWrite], queues: ["mail"])
        let both = keys.add("both", [.tasksRead, .tasksWrite], queues: ["default", "mail"])
        api.scheduler.state.withLock { $0.tasks = [FakeScheduler.record()] }  // in the queue default
        let path = "/v1/tasks/\(FakeScheduler.id)"
        for (method, path) in [("GET", path), ("GET", path + "/attempts"), ("POST", path + ":cancel")] {
            #expect(try await call(method, path, key: mail).status == 404)
            #expect(try await call(method, path, key: both).status == 200)
        }
        #expect(try await call("PATCH", path, key: mail, #"{"plan_time": 9}"#).status == 404)
        #expect(try await call("POST", "/v1/tasks", key: mail, Self.task).status == 403)
        #expect(try await call("POST", "/v1/tasks", key: both, Self.task).status == 201)
        #expect(try await call("GET", "/v1/tasks", key: mail).status == 200)
        #expect(api.scheduler.state.withLock { $0.filter?.queue } == "mail")
        #expect(try await call("GET", "/v1/tasks", key: both).status == 400)
        #expect(try await call("GET", "/v1/tasks?queue=default", key: both).status == 200)
        #expect(try await call("GET", "/v1/tasks?queue=other", key: both).status == 403)
        #expect(try await call("GET", "/v1/quarantine", key: both).status == 403)
    }

    @Test(arguments: ["on_success", "on_failure"])
    func aKeyForSomeQueuesLetsNothingFollowInAnother(_ occasion: String) async throws {
        let mail = keys.add("mail", [.tasksRead, .tasksWrite], queues: ["default", "mail"])
        api.scheduler.state.withLock { $0.tasks = [FakeScheduler.record()] }
        for (queue, made, changed) in [("mail", 201, 200), ("other", 403, 403)] {
            let follow = #""\#(occasion)":{"queue":"\#(queue)","request":{"url":"http://a.test/"}}"#
            let task = #"{"plan_time":1,"request":{"url":"http://a.test/"},\#(follow)}"#
            #expect(try await call("POST", "/v1/tasks", key: mail, task).status == made)
            #expect(try await call("POST", "/v1/tasks:batch", key: mail, #"{"tasks":[\#(task)]}"#).status == made)
            let path = "/v1/tasks/\(FakeScheduler.id)"
            #expect(try await call("PATCH", path, key: mail, "{\(follow)}").status == changed)
        }
    }

    @Test func aKeyForSomeQueuesTouchesTasksOfNoOther() async throws {
        let mail = keys.add("mail", [.tasksRead, .tasksWrite], queues: ["mail"])
        let both = keys.add("both", [.tasksRead, .tasksWrite], queues: ["default", "mail"])
        let inMail = #"{"queue":"mail","plan_time":1,"request":{"url":"http://a.test/"}}"#
        for mode in ["all", "each"] {
            let mixed = #"{"mode":"\#(mode)","tasks":[\#(inMail),\#(Self.task)]}"#
            #expect(try await call("POST", "/v1/tasks:batch", key: mail, mixed).status == 403)
            #expect(try await call("POST", "/v1/tasks:batch", key: both, mixed).status == 201)
        }
        #expect(api.scheduler.state.withLock { $0.submissions.count } == 2)
        let own = #"{"tasks":[\#(inMail)]}"#
        #expect(try await call("POST", "/v1/tasks:batch", key: mail, own).status == 201)
        let keyed = #"{"key":"order 7","plan_time":1,"request":{"url":"http://a.test/"}}"#
        #expect(try await call("POST", "/v1/tasks", key: mail, keyed).status == 403)

        for path in ["/v1/tasks:export", "/v1/dead-letters"] {
            api.scheduler.state.withLock { $0.pages = 1 }
            #expect(try await call("GET", path, key: mail).status == 200)
            #expect(try await call("GET", path, key: both).json["field"]?.text == "queue")
            api.scheduler.state.withLock { $0.pages = 1 }
            #expect(try await call("GET", path + "?queue=mail", key: both).status == 200)
            #expect(try await call("GET", path + "?queue=other", key: both).status == 403)
        }
        #expect(api.scheduler.state.withLock { $0.filter?.queue } == "mail")
        #expect(api.scheduler.state.withLock { $0.letterFilter?.queue } == "mail")
    }

    @Test(arguments: ["", #","dry_run":true"#])
    func aKeyForSomeQueuesDoesNothingToManyTasksOfAnother(_ option: String) async throws {
        let mail = keys.add("mail", [.tasksWrite], queues: ["mail"])
        let both = keys.add("both", [.tasksWrite], queues: ["default", "mail"])
        let status = option.isEmpty ? 202 : 200
        for (path, start) in [("/v1/tasks:bulk", #"{"action":"cancel","#), ("/v1/dead-letters:retry", "{")] {
            let all = start + #""filter":{}"# + option + "}"
            let other = start + #""filter":{"queue":"other"}"# + option + "}"
            #expect(try await call("POST", path, key: mail, other).status == 403)
            #expect(try await call("POST", path, key: both, other).status == 403)
            #expect(try await call("POST", path, key: both, all).json["field"]?.text == "filter.queue")
            #expect(api.scheduler.state.withLock { $0.actions.isEmpty || path != "/v1/tasks:bulk" })
            #expect(try await call("POST", path, key: mail, all).status == status)
        }
        #expect(api.scheduler.state.withLock { $0.filter?.queue } == "mail")
        if option.isEmpty { #expect(api.scheduler.state.withLock { $0.letterFilter?.queue } == "mail") }
    }

    @Test func aKeyForSomeQueuesSeesOperationsOnItsOwnOnly() async throws {
        let mail = keys.add("mail", [.tasksRead, .tasksWrite], queues: ["mail"])
        let both = keys.add("both", [.tasksRead, .tasksWrite], queues: ["default", "mail"])
        api.scheduler.state.withLock { $0.operationQueues = [1: "mail", 2: "default", 3: "default", 5: "mail"] }
        func listed(_ key: String, _ query: String = "") async throws -> [Int?] {
            try await call("GET", "/v1/bulk-operations" + query, key: key).json["operations"]?.elements.map {
                $0["id"]?.integer
            } ?? []
        }
        #expect(try await listed(mail) == [5, 1])
        #expect(try await listed(mail, "?limit=1") == [5])
        #expect(try await listed(mail, "?cursor=5") == [1])
        #expect(try await listed(both) == [5, 3, 2, 1])
        for (method, path) in [("GET", "/v1/bulk-operations/3"), ("POST", "/v1/bulk-operations/3:cancel")] {
            #expect(try await call(method, path, key: mail).status == 404)
            #expect(try await call(method, path, key: both).status == 200)
        }
        for path in ["/v1/instances", "/v1/audit-events", "/v1/queues", "/v1/schedules"] {
            #expect(try await call("GET", path, key: both).status == 403)
        }
    }

    @Test func anIdempotencyKeyIsThatOfTheQueues() async throws {
        let senders = [
            keys.add("mail", [.tasksWrite], queues: ["mail"]), keys.add("next", [.tasksWrite], queues: ["mail"]),
            keys.add("other", [.tasksWrite], queues: ["other"]), keys.add("all", [.tasksWrite]),
        ]
        for (sender, queue) in zip(senders, ["mail", "mail", "other", "mail"]) {
            let body = #"{"queue":"\#(queue)","plan_time":1,"request":{"url":"http://a.test/"}}"#
            let headers: HTTPFields = [
                .authorization: "Bearer \(sender)", HTTPField.Name("Idempotency-Key")!: "one",
            ]
            #expect(try await api.call("POST", "/v1/tasks", body.utf8, headers: headers).status == 201)
        }
        let ids = api.scheduler.state.withLock { $0.submissions.compactMap { $0.key?.id } }
        #expect(ids.count == 4 && ids[0] == ids[1] && Set(ids).count == 3)
    }

    @Test func aLimitIsPerKey() async throws {
        let slow = keys.add("slow", [.tasksRead], rate: 2)
        let other = keys.add("other", [.tasksRead], rate: 2)
        for status in [200, 200, 429] { #expect(try await call("GET", "/v1/tasks", key: slow).status == status) }
        #expect(try await call("GET", "/v1/tasks", key: slow).headers[.retryAfter] == "1")
        #expect(try await call("GET", "/v1/tasks", key: other).status == 200)
        time.pass(.milliseconds(500))
        #expect(try await call("GET", "/v1/tasks", key: slow).status == 200)
    }

    @Test func whatHappensToAKeyIsSeenInTime() async throws {
        let first = keys.add("first", [.tasksRead])
        #expect(try await call("GET", "/v1/tasks", key: first).status == 200)
        keys.state.withLock { $0.keys = [] }
        time.pass(KeyRing.maxAge)
        #expect(try await call("GET", "/v1/tasks", key: first).status == 200)
        #expect(keys.state.withLock { $0.readings } == 1)
        time.pass(.milliseconds(1))
        #expect(try await call("GET", "/v1/tasks", key: first).status == 401)
        // A new one is known at once, and what is no key is not asked for at any rate.
        time.pass(KeyRing.minAge + .milliseconds(1))
        let second = keys.add("second", [.tasksRead])
        let before = keys.state.withLock { $0.readings }
        #expect(try await call("GET", "/v1/tasks", key: second).status == 200)
        for _ in 1...20 { _ = try await call("GET", "/v1/tasks", key: APIKeySecret.random().text) }
        #expect(keys.state.withLock { $0.readings } == before + 1)
    }

    /// Each was made after all that were known had been read.
    @Test func aNewKeyIsKnownHoweverLatelyTheOthersWereRead() async throws {
        let keys = keys
        let ring = KeyRing(
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, read: { try keys.table() },
            writeUse: { _ in })
        for number in 1...3 {
            let secret = try #require(APIKeySecret(keys.add("key\(number)", [.tasksRead])))
            #expect(try await ring.key(secret)?.name == "key\(number)")
        }
    }

    @Test func itExpiresByTheDatabasesClock() async throws {
        let key = keys.add("brief", [.tasksRead], expires: Timestamp(microseconds: 1_795_168_801_000_000))
        #expect(try await call("GET", "/v1/tasks", key: key).status == 200)
        time.pass(.seconds(1))
        #expect(try await call("GET", "/v1/tasks", key: key).status == 401)
    }

    @Test func knownKeysGoOnWhileTheDatabaseIsAway() async throws {
        let key = keys.add("k", [.tasksRead])
        keys.state.withLock { $0.isAway = true }
        #expect(try await call("GET", "/v1/tasks", key: key).status == 503)
        keys.state.withLock { $0.isAway = false }
        time.pass(.seconds(2))
        #expect(try await call("GET", "/v1/tasks", key: key).status == 200)
        keys.state.withLock { $0.isAway = true }
        time.pass(.seconds(3600))
        #expect(try await call("GET", "/v1/tasks", key: key).status == 200)
        // It may be new.
        #expect(try await call("GET", "/v1/tasks", key: APIKeySecret.random().text).status == 503)
        keys.state.withLock { $0.isAway = false }
        time.pass(.seconds(2))
        #expect(try await call("GET", "/v1/tasks", key: APIKeySecret.random().text).status == 401)
    }

    @Test func aUseIsNotedOnceAMinute() async throws {
        let key = keys.add("k", [.tasksRead])
        for _ in 1...3 { _ = try await call("GET", "/v1/tasks", key: key) }
        #expect(keys.state.withLock { $0.uses } == [1])
        time.pass(.seconds(60))
        _ = try await call("GET", "/v1/tasks", key: key)
        #expect(keys.state.withLock { $0.uses } == [1, 1])
    }

    @Test func theAuditLogHasTheKeysName() async throws {
        let key = keys.add("ops", [.admin])
        let id = TaskID(milliseconds: 1, random: (1, 0))
        api.scheduler.state.withLock { state in
            state.quarantine = [
                QuarantinedMessage(
                    id: id, source: "list", reason: "is not JSON", message: [], score: nil,
                    receivedAt: FakeScheduler.now)
            ]
        }
        #expect(try await call("DELETE", "/v1/quarantine/\(id)", key: key).status == 204)
        let event = try #require(keys.state.withLock { $0.events.first })
        #expect(event.actor == "key:ops" && event.action == .quarantineDiscard && event.subject == "\(id)")
    }

    @Test func whatIsDoneToManyTasksIsInTheAuditLog() async throws {
        let key = keys.add("ops", [.tasksWrite])
        let cancel = try await call("POST", "/v1/tasks:bulk", key: key, #"{"action":"cancel","filter":{}}"#)
        #expect(try cancel.json["requested_by"]?.text == "key:ops")
        _ = try await call(
            "POST", "/v1/tasks:bulk", key: key, #"{"action":"reschedule","plan_time":1,"filter":{}}"#)
        _ = try await call("POST", "/v1/dead-letters:retry", key: key, "{}")
        _ = try await call("POST", "/v1/bulk-operations/3:cancel", key: key)
        _ = try await call("POST", "/v1/dead-letters:retry", key: key, #"{"dry_run":true}"#)
        let events = keys.state.withLock { $0.events }
        #expect(
            events.map(\.action) == [.taskCancelMany, .taskRescheduleMany, .taskRetryMany, .taskRetryManyCancel])
        #expect(events.allSatisfy { $0.actor == "key:ops" && $0.subject == "3" })
        #expect(events[0].after?.json.contains(#""action":"cancel""#) == true)
    }

    @Test func keysAreNotAskedForWhenTheConfigurationSaysSo() async throws {
        var open = Configuration()
        open.api.authentication = .none
        configuration.replace(with: open)
        #expect(try await call("GET", "/v1/tasks").status == 200)
        configuration.replace(with: Configuration())
        #expect(try await call("GET", "/v1/tasks").status == 401)
    }

    // MARK: The old form

    private func save(_ form: String, key: String? = nil) async throws -> String {
        var headers: HTTPFields = [:]
        if let key { headers[.authorization] = "Bearer \(key)" }
        let answer = try await api.call(
            "POST", "/api/task/save", ("notify_url=http://a.test/&plan_time=5" + form).utf8,
            type: "application/x-www-form-urlencoded", headers: headers)
        #expect(answer.status == 200)
        return answer.text
    }

    @Test(
        arguments: [
            ("127.0.0.1", nil, true), ("::1", nil, true), ("10.1.2.3", nil, true), ("172.31.0.1", nil, true),
            ("172.32.0.1", nil, false), ("192.168.7.7", nil, true), ("203.0.113.9", nil, false), ("fd12::1", nil, true),
            ("2001:db8::1", nil, false),
            // A proxy that is not trusted speaks for nobody, and one that is names its client.
            ("127.0.0.1", "10.0.0.1", false), ("10.9.9.9", "10.0.0.1", true), ("10.9.9.9", "203.0.113.9", false),
        ] as [(String, String?, Bool)])
    func theOldFormIsTakenFromPrivateNetworks(_ peer: String, _ forwarded: String?, _ isTaken: Bool) async throws {
        var trusting = Configuration()
        trusting.server.trustedProxies = [try #require(AddressRange("10.9.9.9"))]
        configuration.replace(with: trusting)
        var api = api
        api.peer = IPAddress(peer)
        var headers: HTTPFields = [:]
        if let forwarded { headers[HTTPField.Name("X-Forwarded-For")!] = forwarded }
        let answer = try await api.call(
            "POST", "/api/task/save", "notify_url=http://a.test/&plan_time=5".utf8,
            type: "application/x-www-form-urlencoded", headers: headers)
        #expect(answer.text.contains(#""code":"ok""#) == isTaken)
    }

    @Test func theOldFormNeedsANetworkOrAKey() async throws {
        let key = keys.add("producer", [.tasksWrite])
        let reader = keys.add("reader", [.tasksRead])
        let mail = keys.add("mail", [.tasksWrite], queues: ["mail"])
        #expect(try await save("").contains("没有权限"))
        #expect(try await save("&key=\(key)").contains(#""code":"ok""#))
        #expect(try await save("", key: key).contains(#""code":"ok""#))
        for other in [reader, mail, APIKeySecret.random().text, "x"] {
            #expect(try await save("&key=\(other)").contains("没有权限"))
        }
        #expect(api.scheduler.state.withLock { $0.forms.count } == 2)
    }
}
