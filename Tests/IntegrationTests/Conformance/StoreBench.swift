import MySQL
import Scheduler
import Simulation
import TestSupport

/// A store, what is in its tables, and a record of what it answered, in words that do not depend on the store.
final class StoreBench {
    let store: any TaskStore
    private let read: (TaskID) async throws -> (record: TaskRecord?, places: [String], attempts: [String])
    private let setRule: (Int, QueueRule) async throws -> Void
    private(set) var transcript: [String] = []

    static let epoch = Timestamp(microseconds: 1_800_000_000_000_000)

    init(
        _ store: any TaskStore, setRule: @escaping (Int, QueueRule) async throws -> Void,
        read: @escaping (TaskID) async throws -> (record: TaskRecord?, places: [String], attempts: [String])
    ) {
        self.store = store
        self.setRule = setRule
        self.read = read
    }

    /// Runs a case on the store in memory.
    static func inMemory(_ body: (StoreBench) async throws -> Void) async throws -> [String] {
        let link = ImmediateLink(now: { .now })
        let setRule: (Int, QueueRule) async throws -> Void = { queue, rule in
            try await link.transaction("rule", afterUnknown: nil) { tables, _ in tables.rules[queue] = rule }
        }
        let bench = StoreBench(MemoryStore(link, time: SystemTime()), setRule: setRule) { id in
            link.read { tables in
                var places: [String] = []
                if let row = tables.scheduled.first(where: { $0.id == id }) {
                    places.append("scheduled \(row.order.s)")
                }
                if let row = tables.ready.first(where: { $0.id == id }) {
                    places.append("ready \(row.order.s) for \(row.planTime.s)")
                }
                if let row = tables.claims[id] {
                    places.append(claim(row.incarnation, row.planTime, row.attempt, row.startedAt))
                }
                if let reason = tables.deadLetters[id] { places.append("dead letter: \(reason)") }
                let attempts = tables.attempts.filter { $0.key.id == id }.values.sorted { $0.attempt < $1.attempt }
                return (tables.record(of: id), places, attempts.map(attempt))
            }
        }
        try await body(bench)
        return bench.transcript
    }

    /// Runs it on the real one.
    static func onServer(_ body: (StoreBench) async throws -> Void) async throws -> [String] {
        try await TestDatabase.migrated { database in
            let store = MySQLStore(database.options, prefix: "", connections: 8, lifetime: .zero, lease: .seconds(10))
            defer { store.close() }
            let connection = try database.connect()
            let setRule: (Int, QueueRule) async throws -> Void = { queue, rule in
                try connection.run(
                    """
                    UPDATE queues SET priority = \(rule.priority), weight = \(rule.weight),
                      max_concurrency = \(optional: rule.maxConcurrency), rate_per_second = \(optional: rule.rate),
                      burst = \(optional: rule.burst)
                    WHERE id = \(queue)
                    """)
            }
            let bench = StoreBench(store, setRule: setRule) { id in
                var places: [String] = []
                for row in try connection.run("SELECT plan_time FROM scheduled WHERE task_id = \(id)").rows {
                    places.append("scheduled \(try row.time(0).s)")
                }
                for row in try connection.run("SELECT entered_at, plan_time FROM ready WHERE task_id = \(id)").rows {
                    places.append("ready \(try row.time(0).s) for \(try row.time(1).s)")
                }
                let claims: Query =
                    "SELECT incarnation, plan_time, attempt, started_at FROM claims WHERE task_id = \(id)"
                for row in try connection.run(claims).rows {
                    places.append(
                        claim(
                            UInt64(try row.integer(0)), try row.time(1), try row.optional(2, Row.integer),
                            try row.optional(3, Row.time)))
                }
                for row in try connection.run("SELECT reason FROM dead_letters WHERE task_id = \(id)").rows {
                    places.append("dead letter: \(try row.text(0))")
                }
                return (
                    try await store.task(id), places,
                    try await store.attempts(of: id, after: 0, limit: 100).map(attempt)
                )
            }
            try await body(bench)
            return bench.transcript
        }
    }

    private static func claim(
        _ incarnation: UInt64, _ planTime: Timestamp, _ attempt: Int?, _ startedAt: Timestamp?
    ) -> String {
        "claimed by \(incarnation) for \(planTime.s), attempt \(attempt.map { "\($0)" } ?? "-")"
            + ", started \(startedAt?.s ?? "-")"
    }

    private static func attempt(_ record: AttemptRecord) -> String {
        "attempt \(record.attempt) by \(record.incarnation): \(record.outcomeClass)"
    }

    // MARK: What a case does

    func limit(_ queue: Int, slots: Int? = nil, rate: Double? = nil, priority: Int = 0) async throws {
        var rule = QueueRule()
        (rule.maxConcurrency, rule.rate, rule.priority) = (slots, rate, priority)
        try await setRule(queue, rule)
    }

    /// Does something and writes down what came of it.
    @discardableResult
    func does<T>(_ what: String, _ body: () async throws -> T, _ show: (T) -> String = { "\($0)" }) async -> T? {
        do {
            let value = try await body()
            transcript.append("\(what): \(show(value))")
            return value
        } catch let error as MySQLError {
            transcript.append("\(what): \(error.isFenced ? "fenced" : "error \(error.code.rawValue)")")
        } catch {
            transcript.append("\(what): \(error)")
        }
        return nil
    }

    /// Writes down where the tasks are and what is told of them.
    func look(_ numbers: Int...) async throws {
        for number in numbers {
            let (record, places, attempts) = try await read(id(number))
            let told = record.map {
                "\($0.state) \($0.deferredFrom.map { "deferred from \($0.s) " } ?? "")attempt \($0.attempt) next \($0.nextAttemptAt?.s ?? "-") finished \($0.finishedAt?.s ?? "-")"
                    + " version \($0.version)/\($0.requestVersion) \($0.task.request.url) wanted \($0.task.planTime.s)"
                    + " \(show($0.task.successRule))\(showEnd($0))"
            }
            transcript.append("  \(number) is \(told ?? "nowhere"); \(places.joined(separator: ", ")); \(attempts)")
        }
    }

    func say(_ what: String, _ words: [String]) { transcript.append("\(what): \(words.sorted())") }

    func id(_ number: Int) -> TaskID { Self.id(number) }

    static func id(_ number: Int) -> TaskID { TaskID(milliseconds: 1_800_000_000_000, random: (UInt64(number), 0)) }

    func number(_ id: TaskID) -> Int { Int(id.high & 0xFFF) }

    func register(_ lease: Duration = .seconds(600)) async throws -> UInt64 {
        try await store.register(name: "bench", version: "1", lookahead: .seconds(30), lease: lease)
    }

    func accepted(
        _ number: Int, at seconds: Int, _ place: Place, queue: Int = 1, retries: Int = 2, onLost: OnLost = .retry
    ) -> AcceptedTask {
        AcceptedTask(
            id: id(number),
            task: NewTask(
                queue: "queue\(queue)", planTime: .at(seconds),
                request: CallbackRequest(method: "POST", url: "http://receiver.test/\(number)"),
                // By turns with a name and with criteria.
                successRule: number % 2 == 0 ? .status2xx : Self.criteria,
                retrySchedule: RetrySchedule(maxRetries: retries, delays: [.seconds(10)]),
                timeout: .seconds(5), onLost: onLost),
            queueID: queue, createdAt: .at(0), place: place)
    }

    private static let criteria: SuccessRule = {
        var criteria = SuccessCriteria()
        criteria.statuses = [StatusRange("2xx")!]
        criteria.bodyContains = "\u{1F600}'\\\0"
        criteria.permanentFailure = [StatusRange("410")!]
        return .custom(criteria)
    }()

    private func show(_ rule: SuccessRule) -> String { "by \(rule.storedName) \(rule.storedCriteria ?? "-")" }

    /// When it expires and what it has to do with follow-ups; nothing for those that have none of it.
    private func showEnd(_ record: TaskRecord) -> String {
        var words: [String] = []
        if let time = record.task.expiresAt { words.append("expires \(time.s)") }
        if record.isExpired { words.append("expired") }
        for (occasion, followUp) in record.task.followUps.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            words.append("\(occasion.rawValue) \(followUp.text)")
        }
        if let id = record.follows { words.append("follows \(self.number(id))") }
        return words.map { " \($0)" }.joined()
    }

    func outcome(_ number: Int, _ attempt: Int, by incarnation: UInt64, _ fate: OutcomeRecord.Fate) -> OutcomeRecord {
        OutcomeRecord(
            id: id(number), queueID: 1, host: "receiver.test", fate: fate,
            attempt: AttemptRecord(
                attempt: attempt, incarnation: incarnation, version: 1, planTime: .at(0), startedAt: .at(0),
                duration: .milliseconds(5), succeeded: fate == .succeeded,
                outcomeClass: fate == .succeeded ? "success" : "status", message: nil, status: 200,
                timings: CallTimings(), address: nil, response: [], responseTruncated: false))
    }

    func show(_ claimed: Claimed) -> String {
        "waiting \(claimed.waiting.map { "\(number($0.id)) at \($0.planTime.s)" }.sorted()), started"
            + " \(show(claimed.started)), put off \(claimed.putOff.map { number($0.id) }.sorted()), last \(claimed.last?.s ?? "-")"
    }

    func show(_ started: [StartedTask]) -> String {
        "\(started.map { "\(number($0.id)) attempt \($0.attempt)/\($0.retriesFrom) \($0.request.url) at \($0.planTime.s) \(show($0.successRule))" }.sorted())"
    }

    func show(_ ids: Set<TaskID>) -> String { "\(ids.map(number).sorted())" }
}

extension Timestamp {
    static func at(_ seconds: Int) -> Timestamp { StoreBench.epoch + .seconds(seconds) }

    /// Seconds since the beginning of the case.
    var s: String { "\(Double((self - StoreBench.epoch).microseconds) / 1_000_000)" }
}

extension TaskStore {
    /// Here a batch arrives when it was made.
    func insert(_ batch: [AcceptedTask]) async throws {
        try await insert(batch, now: batch[0].createdAt)
    }
}
