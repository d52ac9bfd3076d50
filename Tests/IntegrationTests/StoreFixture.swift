import MySQL
import TestSupport
import Testing

@testable import Scheduler

/// The store alone on a database of its own, for what no running scheduler does on purpose.
struct StoreFixture: Sendable {
    let database: TestDatabase
    let store: MySQLStore
    let queueID: Int
    private let ids = TaskIDSource(SystemTime())

    static func with<T: Sendable>(prefix: String = "", _ body: (StoreFixture) async throws -> T) async throws -> T {
        try await TestDatabase.migrated(prefix: prefix) { database in
            let store = MySQLStore(
                database.options, prefix: prefix, connections: 8, lifetime: .zero, lease: .seconds(60))
            do {
                let queueID = try await store.queueID("default")
                let value = try await body(StoreFixture(database: database, store: store, queueID: queueID))
                try await onThread { store.close() }
                return value
            } catch {
                try await onThread { store.close() }
                throw error
            }
        }
    }

    func register(lease: Duration = .seconds(60)) async throws -> UInt64 {
        try await store.register(name: "bench", version: "test", lookahead: .seconds(30), lease: lease)
    }

    func task(
        _ place: Place, url: String = "http://127.0.0.1:1/", in delay: Duration = .zero, retries: Int = 3,
        onLost: OnLost = .retry
    ) -> AcceptedTask {
        let now = Timestamp.now
        return AcceptedTask(
            id: ids.next(at: now),
            task: NewTask(
                queue: "default", planTime: now + delay, request: CallbackRequest(method: "POST", url: url),
                successRule: .status2xx, retrySchedule: RetrySchedule(maxRetries: retries, delays: [.zero]),
                timeout: .seconds(15), onLost: onLost),
            queueID: queueID, createdAt: now, place: place)
    }

    /// Tasks that the incarnation has started.
    func started(_ count: Int, by incarnation: UInt64) async throws -> [StartedTask] {
        let tasks = (0..<count).map { _ in task(.claimed(incarnation)) }
        try await store.insert(tasks)
        return try await store.start(tasks.map(\.placement.wheelEntry), incarnation: incarnation, now: .now)
    }

    func outcome(
        of task: StartedTask, _ fate: OutcomeRecord.Fate, by incarnation: UInt64, message: String? = nil
    ) -> OutcomeRecord {
        OutcomeRecord(
            id: task.id, queueID: task.queueID, host: URLHost.of(task.request.url), fate: fate,
            attempt: AttemptRecord(
                attempt: task.attempt, incarnation: incarnation, version: task.version, planTime: task.planTime,
                startedAt: task.planTime, duration: .milliseconds(3), succeeded: fate == .succeeded,
                outcomeClass: fate == .succeeded ? "success" : "status", message: message,
                status: fate == .succeeded ? 200 : 500, timings: CallTimings(), address: "127.0.0.1:1",
                response: Array("answer".utf8), responseTruncated: false))
    }
}

extension TestDatabase {
    /// How many rows a query written in the test counts: `tasks WHERE state = 1`.
    func count(_ rows: String) throws -> Int {
        try connect().run(Query(stringLiteral: "SELECT COUNT(*) FROM " + rows)).rows[0].integer(0)
    }

    func change(_ text: Query) throws {
        try connect().run(text)
    }
}

extension TaskDraft {
    /// A POST to `url`, due `delay` from now by this host's clock, which is the private server's too.
    static func post(_ url: String, in delay: Duration = .zero) -> TaskDraft {
        var draft = TaskDraft()
        draft.url = url
        draft.planTime = .now + delay
        return draft
    }
}

extension Configuration {
    /// Claims at once what is due in `later`: time enough for a test on the busiest machine.
    static func farsighted(_ configuration: inout Configuration) {
        configuration.claim.lookahead = .seconds(3600)
    }
}

extension Duration {
    static let later: Duration = .seconds(1800)
}

/// Tells when something happened by the host's clock, which is the private server's too.
struct HostClock: Sendable {
    private let instant = ContinuousClock.now
    private let time = Timestamp.now

    func time(of instant: ContinuousClock.Instant) -> Timestamp {
        time + self.instant.duration(to: instant)
    }
}

extension TestServer {
    /// Ids of the tasks that reached it, in order.
    var taskIDs: [TaskID] { log.requests.compactMap { $0.header("X-Task-Id").flatMap { TaskID($0) } } }
}
