package import MySQL

/// The two tables from which tasks are claimed.
package enum Stage: Sendable, Hashable {
    case scheduled
    case ready
}

/// Where one queue's work begins, from one look at the heads of both tables.
package struct QueueHead: Sendable, Equatable {
    package var stage: Stage
    package var queueID: Int
    /// Plan time in `scheduled`, arrival in `ready`.
    package var first: Timestamp

    package init(stage: Stage, queueID: Int, first: Timestamp) {
        self.stage = stage
        self.queueID = queueID
        self.first = first
    }
}

/// What one look at the tables that are claimed from shows.
package struct ClaimView: Sendable, Equatable {
    package var heads: [QueueHead] = []
    /// The queues that are not like any other.
    package var rules: [Int: QueueRule] = [:]
    /// The highest number of a queue. Of what came later, nobody knows yet whether it is like any other.
    package var newestQueue = 0
    /// The earliest plan times in the limited queues that were asked for.
    package var limitedHeads: [Int: Timestamp] = [:]
    /// Instances that claim tasks, the oldest first. Looked for when limited queues are asked for, as are the shares.
    package var workers: [UInt64] = []
    /// What the instances have taken of the limits; an instance without a lease has no rate.
    package var shares: [QueueShare] = []

    package init() {}

    /// The queues that are not to be claimed from; their heads may be among the others.
    package var paused: Set<Int> { Set(rules.filter { $0.value.isPaused }.keys) }
    package var limited: Set<Int> { Set(rules.filter { $0.value.isLimited }.keys) }
}

/// A limited queue, whose head is looked for beside the others'.
package struct LimitedMark: Sendable, Equatable {
    package var queueID: Int
    /// Nothing before it is left. nil: from the head.
    package var low: Timestamp?

    package init(queueID: Int, low: Timestamp?) {
        self.queueID = queueID
        self.low = low
    }
}

/// A range of one queue to claim from.
package struct ClaimRange: Sendable, Equatable {
    package var stage: Stage
    package var queueID: Int
    /// The low mark: nothing before it is left. nil: from the head.
    package var low: Timestamp?
    /// The latest plan time wanted; `ready` is taken whatever its plan time.
    package var upTo: Timestamp
    package var limit: Int
    /// nil: it is for tasks that are on time.
    package var backlog: BacklogShare?
    /// What is claimed counts against the limits of the queue.
    package var isLimited: Bool

    package init(
        stage: Stage, queueID: Int, low: Timestamp?, upTo: Timestamp, limit: Int, backlog: BacklogShare? = nil,
        isLimited: Bool = false
    ) {
        self.backlog = backlog
        self.isLimited = isLimited
        self.stage = stage
        self.queueID = queueID
        self.low = low
        self.upTo = upTo
        self.limit = limit
    }
}

/// What a claim brought.
package struct Claimed: Sendable {
    /// For the wheel.
    package var waiting: [WheelEntry] = []
    /// Due already: started in the same transaction.
    package var started: [StartedTask] = []
    /// Due already, and put off in the same transaction.
    package var putOff: [Placement] = []
    /// The last row's place in the order of its table; the low mark moves there.
    package var last: Timestamp?

    package init() {}

    package var hasBacklog: Bool { !started.isEmpty || !putOff.isEmpty }

    package var count: Int { waiting.count + started.count + putOff.count }
}

extension MySQLStore {
    /// Moves rows of one queue into `claims` for this incarnation.
    ///
    /// The DELETE's row count is the safety: two claimers that both believed they had a row cannot both delete it.
    /// - Parameters:
    ///   - startDueBy: rows due at or before it are started in the same transaction, at most `startLimit` of them, as far
    ///     as they are admitted.
    package func claim(
        _ range: ClaimRange, incarnation: UInt64, now: Timestamp, startDueBy: Timestamp, startLimit: Int,
        admit: @escaping Admit
    ) async throws -> Claimed {
        let tables = tables
        let outcome = try await engine.retrying { connection in
            do {
                return Result<Claimed, CommitUnknown>.success(
                    try Self.claim(range, incarnation, now, startDueBy, startLimit, admit, connection, tables))
            } catch let unknown as CommitUnknown {
                return .failure(unknown)
            } catch {
                if (error as? MySQLError)?.losesConnection != true { connection.rollback() }
                throw error
            }
        }
        switch outcome {
        case .success(let claimed): return claimed
        case .failure(let unknown):
            let held = Set(try await heldClaims(unknown.rows, range, incarnation: incarnation, claimedAt: now))
            if held.isEmpty { throw unknown.cause }
            var claimed = unknown.claimed
            claimed.waiting.removeAll { !held.contains($0.id) }
            claimed.started.removeAll { !held.contains($0.id) }
            return claimed
        }
    }

    /// The connection was lost during COMMIT; what was claimed if it took effect.
    private struct CommitUnknown: Error {
        var claimed: Claimed
        var rows: [ClaimedRow]
        var cause: MySQLError
    }

    private static func claim(
        _ range: ClaimRange, _ incarnation: UInt64, _ now: Timestamp, _ startDueBy: Timestamp, _ startLimit: Int,
        _ admit: Admit, _ connection: Connection, _ tables: Tables
    ) throws -> Claimed {
        let rows = try connection.run(select(range, tables))[1].rows.map { row in
            ClaimedRow(order: try row.time(0), id: try row.taskID(1), planTime: try row.time(2))
        }
        guard let last = rows.last else {
            connection.rollback()
            return Claimed()
        }
        var due = rows.filter { $0.planTime <= startDueBy }
        due.removeLast(max(0, due.count - startLimit))

        var script = Script(capacity: rows.count * 100)
        let (table, order): (TableName, Script.Part) =
            range.stage == .scheduled ? (tables.scheduled, "plan_time") : (tables.ready, "entered_at")
        script.begin("DELETE FROM ", .table(table), " WHERE (queue_id, ", order, ", task_id) IN (")
        script.rows(rows) { row, head in
            row.value(range.queueID)
            row.value(head.order)
            row.value(head.id)
        }
        script.begin(")")
        script.end()
        if !due.isEmpty { script.selectPayloads(of: due.map(\.id), tables) }
        let results = try connection.run(script)
        guard results[0].affected == rows.count else {
            throw MySQLError(.recordChanged, "\(rows.count) rows were locked, \(results[0].affected) deleted")
        }

        var claimed = Claimed()
        claimed.last = last.order
        if !due.isEmpty {
            let admitted = admit(try StartedTask.read(results[1].rows, startedAt: now))
            (claimed.started, claimed.putOff) = (admitted.started, admitted.putOff)
        }
        let started = Dictionary(uniqueKeysWithValues: claimed.started.map { ($0.id, $0.attempt) })
        let putOff = Set(claimed.putOff.map(\.id))
        let taken = putOff.isEmpty ? rows : rows.filter { !putOff.contains($0.id) }
        claimed.waiting = taken.filter { started[$0.id] == nil }.map { WheelEntry(planTime: $0.planTime, id: $0.id) }
        script = Script(capacity: rows.count * 160)
        script.insertIntoClaims(taken, range.queueID, started, incarnation, now: now, tables)
        script.putOff(claimed.putOff, now: now, tables)
        script.statement("COMMIT")
        do throws(MySQLError) {
            try connection.run(script)
        } catch {
            if error.losesConnection { throw CommitUnknown(claimed: claimed, rows: rows, cause: error) }
            throw error
        }
        return claimed
    }

    struct ClaimedRow: Sendable {
        var order: Timestamp
        var id: TaskID
        var planTime: Timestamp
    }

    private static func select(_ range: ClaimRange, _ tables: Tables) -> Script {
        var script = Script(capacity: 400)
        script.statement("START TRANSACTION")
        let low = range.low ?? Timestamp.range.lowerBound
        switch range.stage {
        case .scheduled:
            script.statement(
                "SELECT plan_time, task_id, plan_time FROM ", .table(tables.scheduled), " WHERE queue_id = ",
                .value(range.queueID), " AND plan_time BETWEEN ", .value(low), " AND ", .value(range.upTo),
                " ORDER BY plan_time, task_id LIMIT ", .value(range.limit), " FOR UPDATE SKIP LOCKED")
        case .ready:
            script.statement(
                "SELECT entered_at, task_id, plan_time FROM ", .table(tables.ready), " WHERE queue_id = ",
                .value(range.queueID), " AND entered_at >= ", .value(low),
                " ORDER BY entered_at, task_id LIMIT ", .value(range.limit), " FOR UPDATE SKIP LOCKED")
        }
        return script
    }
}

extension Script {
    /// - Parameter started: the attempts of those that are started.
    fileprivate mutating func insertIntoClaims(
        _ rows: [MySQLStore.ClaimedRow], _ queueID: Int, _ started: [TaskID: Int], _ incarnation: UInt64,
        now: Timestamp, _ tables: Tables
    ) {
        if rows.isEmpty { return }
        beginInsertIntoClaims(incarnation, tables)
        self.rows(rows) { row, head in
            row.value(head.id)
            row.raw("@incarnation")
            row.value(queueID)
            row.value(head.planTime)
            row.value(started[head.id])
            row.value(now)
            row.value(started[head.id] == nil ? nil : now)
        }
        end()
    }

    /// Locking: a plain read may not see yet what put the live rows there (docs/protocol.md).
    mutating func selectPayloads(of ids: [TaskID], _ tables: Tables) {
        begin(
            "SELECT ", Part(stringLiteral: StartedTask.columns), " FROM ", .table(tables.tasks), " WHERE id IN ")
        list(ids)
        begin(" LOCK IN SHARE MODE")
        end()
    }
}
