package import MySQL
package import Scheduler

/// The tables of the queue of record, in memory. A value: a transaction works on it at one instant, and what it finds
/// wrong it finds before it changes anything.
///
/// The statements are those of `MySQLStore`, file by file; ConformanceTests runs both through the same cases.
package struct MemoryTables: Sendable {
    package var queues: [String] = []
    package var rules: [Int: QueueRule] = [:]
    package var queueShares: [QueueShare] = []
    package var instances: [InstanceRow] = []
    package var tasks: [TaskID: TaskRow] = [:]
    package var scheduled: [StageRow] = []
    package var ready: [StageRow] = []
    package var claims: [TaskID: ClaimRow] = [:]
    package var attempts: [AttemptKey: AttemptRecord] = [:]
    package var deadLetters: [TaskID: String] = [:]
    package var keys: [KeyID: KeyRow] = [:]
    package var destinations: [String: DestinationRecord] = [:]
    package var quarantine: [TaskID: QuarantinedMessage] = [:]
    /// What the last transactions did, for whoever checks it.
    package var changes: [Change] = []
    /// Rows that a transaction of somebody else has locked, and will leave as they are.
    package var locked: Set<TaskID> = []
    package var breakage: Breakage?

    package init() {}

    package struct InstanceRow: Sendable {
        package var name: String
        package var lookahead: Duration?
        package var leaseUntil: Timestamp
        package var hasEnded = false
    }

    package struct TaskRow: Sendable {
        package var queueID: Int
        package var task: NewTask
        package var state = StoredState.scheduled
        package var attempt = 0
        package var retriesFrom = 0
        package var planTime: Timestamp
        package var enteredAt: Timestamp?
        package var deferredFrom: Timestamp?
        package var version = 1
        package var requestVersion = 1
        package var createdAt: Timestamp
        package var finishedAt: Timestamp?
        package var isExpired = false
        package var follows: TaskID?

        package var isLive: Bool { state == .scheduled || state == .retrying }
    }

    /// A row of `scheduled`, ordered by plan time, or of `ready`, ordered by arrival.
    package struct StageRow: Sendable, Comparable {
        package var queueID: Int
        package var order: Timestamp
        package var id: TaskID
        package var planTime: Timestamp

        package static func < (left: StageRow, right: StageRow) -> Bool {
            (left.queueID, left.order, left.id) < (right.queueID, right.order, right.id)
        }
    }

    package struct ClaimRow: Sendable, Equatable {
        package var incarnation: UInt64
        package var queueID: Int
        package var planTime: Timestamp
        package var attempt: Int?
        package var startedAt: Timestamp?
    }

    package struct KeyRow: Sendable {
        package var task: TaskID
        package var request: RequestKey?
        package var answer: RequestAnswer?
        package var expiresAt: Timestamp?
    }

    package struct AttemptKey: Sendable, Hashable {
        package var id: TaskID
        package var attempt: Int
    }

    package enum Change: Sendable {
        /// The task's rows were touched.
        case touched(TaskID)
        /// An outcome was written by an incarnation that found this claim.
        case recorded(TaskID, attempt: Int, incarnation: UInt64, claim: ClaimRow?)
        /// An attempt was given up for lost by recovery.
        case lost(TaskID, attempt: Int, incarnation: UInt64)
        case returned(TaskID, incarnation: UInt64)
        case started(TaskID, queueID: Int)
        /// The task was due at `from`, and waits for another time now.
        case putOff(TaskID, from: Timestamp, attempts: Int)
        case paused(queueID: Int, Bool)
    }

    /// In how many places a live row of the task is.
    package func places(of id: TaskID) -> Int {
        scheduled.count { $0.id == id } + ready.count { $0.id == id } + (claims[id] == nil ? 0 : 1)
    }

    package func instance(_ incarnation: UInt64) -> InstanceRow? {
        (1...UInt64(max(1, instances.count))).contains(incarnation) && !instances.isEmpty
            ? instances[Int(incarnation) - 1] : nil
    }

    // MARK: Rows

    /// What the share lock of the incarnation's row finds. - Throws: an error that `isFenced`.
    func fence(_ incarnation: UInt64) throws(MySQLError) {
        if let row = instance(incarnation), !row.hasEnded || breakage == .claimWithoutFence { return }
        throw MySQLError(.init(rawValue: 1048), "Column 'incarnation' cannot be null")
    }

    func fence(_ placements: [Placement]) throws(MySQLError) {
        for placement in placements {
            if case .claimed(let incarnation) = placement.place { try fence(incarnation) }
        }
    }

    mutating func enter(_ placement: Placement, now: Timestamp) {
        let (id, queueID, planTime) = (placement.id, placement.queueID, placement.planTime)
        switch placement.place {
        case .scheduled:
            Self.insert(StageRow(queueID: queueID, order: planTime, id: id, planTime: planTime), &scheduled)
        case .ready:
            Self.insert(StageRow(queueID: queueID, order: now, id: id, planTime: planTime), &ready)
        case .claimed(let incarnation):
            claims[id] = ClaimRow(incarnation: incarnation, queueID: queueID, planTime: planTime)
        }
        changes.append(.touched(id))
    }

    static func insert(_ row: StageRow, _ rows: inout [StageRow]) {
        rows.insert(row, at: rows.firstIndex { row < $0 } ?? rows.endIndex)
    }

    /// - Returns: whether there was such a row.
    static func delete(_ queueID: Int, _ order: Timestamp, _ id: TaskID, _ rows: inout [StageRow]) -> Bool {
        guard let index = rows.firstIndex(where: { $0.id == id && $0.queueID == queueID && $0.order == order })
        else { return false }
        rows.remove(at: index)
        return true
    }
}
