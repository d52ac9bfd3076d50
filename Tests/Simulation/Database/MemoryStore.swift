package import MySQL
package import Scheduler

/// The store in memory: the semantics of `MySQLStore` without its SQL.
package struct MemoryStore: TaskStore {
    private let link: any DatabaseLink
    private let time: any Timekeeper

    /// - Parameter time: the host's clock, for readings of the database's.
    package init(_ link: any DatabaseLink, time: any Timekeeper) {
        self.link = link
        self.time = time
    }

    package func queueID(_ name: String) async throws -> Int {
        try await link.transaction("queue") { tables, _ in tables.queueID(name) }
    }

    package func insert(_ batch: [AcceptedTask], now: Timestamp) async throws {
        try await link.transaction("insert") { tables, _ in try tables.insert(batch, now: now) }
    }

    package func insert(
        _ groups: [TaskGroup], replacing holder: TaskID?, now: Timestamp
    ) async throws -> [GroupResult] {
        try await link.transaction("insert with keys") { tables, _ in
            try tables.insert(groups, replacing: holder, now: now)
        }
    }

    package func known(_ ids: [TaskID]) async throws -> Set<TaskID> {
        try await link.transaction("known") { tables, _ in Set(ids.filter { tables.tasks[$0] != nil }) }
    }

    package func quarantine(_ messages: [QuarantinedMessage]) async throws {
        try await link.transaction("quarantine") { tables, _ in
            for message in messages { tables.quarantine[message.id] = message }
        }
    }

    package func aliveIncarnations() async throws -> [UInt64] {
        try await link.transaction("alive") { tables, _ in tables.aliveIncarnations }
    }

    package func peek(lowScheduled: Timestamp?, lowReady: Timestamp?, limited: [LimitedMark]) async throws -> ClaimView
    {
        try await link.transaction("peek") { tables, databaseTime in
            tables.peek(
                lowScheduled: lowScheduled, lowReady: lowReady, limited: limited, databaseTime: databaseTime)
        }
    }

    package func setShares(_ wishes: [QueueShare], incarnation: UInt64) async throws -> [QueueShare] {
        try await link.transaction("shares") { tables, databaseTime in
            tables.setShares(wishes, incarnation: incarnation, databaseTime: databaseTime)
        }
    }

    package func putInOrder(queue: Int, limit: Int) async throws -> Int {
        try await link.transaction("order") { tables, _ in tables.putInOrder(queue: queue, limit: limit) }
    }

    package func claim(
        _ range: ClaimRange, incarnation: UInt64, now: Timestamp, startDueBy: Timestamp, startLimit: Int,
        admit: @escaping Admit
    ) async throws -> Claimed {
        let rest: @Sendable (MemoryTables, Claimed) throws -> Claimed = { tables, claimed in
            let ids = claimed.waiting.map(\.id) + claimed.started.map(\.id)
            // Nothing by which it could be told what the transaction did.
            if ids.isEmpty, claimed.hasBacklog { throw MySQLError(.serverLost, "lost during COMMIT") }
            let held = try tables.held(ids, incarnation: incarnation, started: false)
            var rest = claimed
            rest.waiting.removeAll { !held.contains($0.id) }
            rest.started.removeAll { !held.contains($0.id) }
            return rest
        }
        return try await link.transaction("claim", afterUnknown: rest) { tables, _ in
            try tables.claim(
                range, incarnation: incarnation, now: now, startDueBy: startDueBy, startLimit: startLimit,
                admit: admit)
        }
    }

    package func held(_ incarnation: UInt64) async throws -> [WheelEntry] {
        try await link.transaction("held") { tables, _ in tables.held(incarnation) }
    }

    package func start(
        _ entries: [WheelEntry], incarnation: UInt64, now: Timestamp, admit: @escaping Admit
    ) async throws -> Admitted {
        let rest: @Sendable (MemoryTables, Admitted) throws -> Admitted = { tables, admitted in
            let held = try tables.held(admitted.started.map(\.id), incarnation: incarnation, started: true)
            if held.isEmpty, !admitted.putOff.isEmpty { throw MySQLError(.serverLost, "lost during COMMIT") }
            var rest = admitted
            rest.started.removeAll { !held.contains($0.id) }
            return rest
        }
        return try await link.transaction("start", afterUnknown: rest) { tables, _ in
            try tables.start(entries, incarnation: incarnation, now: now, admit: admit)
        }
    }

    package func followUps(of ids: [TaskID]) async throws -> [TaskID: FollowUpSource] {
        // In an order, for the trace.
        let found = try await link.transaction("follow-ups") { tables, _ -> [(TaskID, FollowUpSource)] in
            let sources = tables.followUps(of: ids)
            return ids.compactMap { id in sources[id].map { (id, $0) } }
        }
        return Dictionary(uniqueKeysWithValues: found)
    }

    package func record(
        _ outcomes: [OutcomeRecord], incarnation: UInt64, now: Timestamp
    ) async throws -> Set<TaskID> {
        try await link.transaction("record") { tables, _ in
            try tables.record(outcomes, incarnation: incarnation, now: now)
        }
    }

    package func register(name: String, version: String, lookahead: Duration?, lease: Duration) async throws -> UInt64 {
        try await link.transaction("register") { tables, databaseTime in
            tables.register(name: name, lookahead: lookahead, lease: lease, databaseTime: databaseTime)
        }
    }

    package func heartbeat(
        _ incarnation: UInt64, lease: Duration
    ) async throws -> (view: ClusterView, clock: ClockReading)? {
        let view = try await link.transaction("heartbeat") { tables, databaseTime in
            tables.heartbeat(incarnation, lease: lease, databaseTime: databaseTime)
        }
        guard let view else { return nil }
        return (view, try await sampleClock())
    }

    package func sampleClock() async throws -> ClockReading {
        let sentAt = time.now()
        let databaseTime = try await link.transaction("clock") { _, databaseTime in databaseTime }
        return ClockReading(sentAt: sentAt, receivedAt: time.now(), databaseTime: databaseTime)
    }

    package func giveBack(
        _ incarnation: UInt64, queues: Set<Int>?, limit: Int, now: Timestamp
    ) async throws -> [WheelEntry] {
        try await link.transaction("give back") { tables, _ in
            tables.giveBack(incarnation, queues: queues, limit: limit, now: now)
        }
    }

    package func expire(_ incarnation: UInt64) async throws {
        try await link.transaction("expire") { tables, databaseTime in
            tables.expire(incarnation, databaseTime: databaseTime)
        }
    }

    package func recover(
        _ incarnation: UInt64, limit: Int, now: Timestamp, decide: @escaping @Sendable (LostAttempt) -> OutcomeRecord
    ) async throws -> Recovered? {
        try await link.transaction("recover") { tables, databaseTime in
            try tables.recover(incarnation, limit: limit, now: now, databaseTime: databaseTime, decide: decide)
        }
    }

    package func steer(
        _ id: TaskID, _ steering: Steering, now: Timestamp, place: @escaping @Sendable (Int, Timestamp) -> Place
    ) async throws -> SteeringResult {
        try await link.transaction("steer") { tables, _ in try tables.steer(id, steering, now: now, place: place) }
    }

    package func exchangeDestinations(
        _ reports: [DestinationReport], pauseAfter: Duration?
    ) async throws -> DestinationExchange {
        try await link.transaction("exchange") { tables, databaseTime in
            tables.exchangeDestinations(reports, now: databaseTime)
        }
    }

    package func setPaused(_ isPaused: Bool, queue: String) async throws -> Bool {
        try await link.transaction("pause") { tables, _ in tables.setPaused(isPaused, queue: queue) }
    }
}
