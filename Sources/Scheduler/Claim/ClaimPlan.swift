package import MySQL

/// What the claim loop knows and decides: low marks, ranges, pauses. No clock and no I/O of its own.
package struct ClaimPlan: Sendable {
    package struct Settings: Sendable {
        package var lookahead: Duration
        package var pollMax: Duration
        package var readyPoll: Duration
        package var sweepInterval: Duration
        /// What is due within it can only be started at once.
        package var lead: Duration
        package var batch: Int

        package init(
            lookahead: Duration, pollMax: Duration, readyPoll: Duration, sweepInterval: Duration, lead: Duration,
            batch: Int
        ) {
            self.lookahead = lookahead
            self.lead = lead
            self.pollMax = pollMax
            self.readyPoll = readyPoll
            self.sweepInterval = sweepInterval
            self.batch = batch
        }
    }

    /// A queue with a backlog that was left out for want of room.
    package struct Starved: Sendable {
        package var queue: Int
        package var share: BacklogShare

        package init(queue: Int, share: BacklogShare) {
            self.queue = queue
            self.share = share
        }
    }

    package var settings: Settings
    /// Up to where this instance has seen everything claimed, per table. Deleted entries stay in an index until purge
    /// gets to them; a claim that starts at the head must step over all of them.
    private var low: [Stage: Timestamp] = [:]
    /// The first row of the queues that got no share of the room in this round, per table: no low mark passes it.
    private var passedOver: [Stage: Timestamp] = [:]
    private var isLimitedPassedOver = false
    /// Who got no share in this round.
    package private(set) var starved: Starved?
    private var sweptAt: Timestamp?
    /// Queues that are paused or limited: not claimed from by this plan, and the low marks pass their rows.
    private var withheld: Set<Int> = []
    private var rules: [Int: QueueRule] = [:]
    /// When `ready` last held something: while it is in use it is asked more often.
    private var readySeenAt: Timestamp?

    /// Held back from a low mark, for rows whose COMMIT comes late or whose claim was rolled back.
    private static let margin: Duration = .seconds(1)
    private static let readyStaysInUse: Duration = .seconds(5)

    package init(_ settings: Settings) {
        self.settings = settings
    }

    /// The low marks for the next peek; every few seconds none, to catch what came in behind them.
    package mutating func lowMarks(now: Timestamp) -> (scheduled: Timestamp?, ready: Timestamp?) {
        if sweptAt.map({ now - $0 >= settings.sweepInterval }) ?? true {
            sweptAt = now
            low = [:]
        }
        return (low[.scheduled], low[.ready])
    }

    /// Takes in the rules of the queues. When one that was paused or limited is so no more, the low marks have passed
    /// its rows: they fall.
    /// - Returns: whether they did, so that this look may have missed something.
    package mutating func take(_ rules: [Int: QueueRule]) -> Bool {
        self.rules = rules
        let withheldNow = Set(rules.filter { $0.value.isPaused || $0.value.isLimited }.keys)
        let goesOn = !withheld.isSubset(of: withheldNow)
        withheld = withheldNow
        if goesOn { sweptAt = nil }
        return goesOn
    }

    /// What to claim now. Overdue tasks are claimed only as far as they can be started, the oldest first; what is due
    /// later is claimed for the wheel beside them, so that no backlog delays what is on time.
    ///
    /// Of limited queues only what is due now is claimed, as far as their limits allow. While it is not late it needs no
    /// part of what the backlog may have.
    /// - Parameters:
    ///   - limited: the limited queues of which something is due.
    ///   - room: entries that the wheel can take, shared evenly among the queues.
    ///   - startRoom: how many tasks can be started at all.
    ///   - backlogRoom: how many overdue tasks of a queue can be started, given its share.
    package mutating func ranges(
        _ heads: [QueueHead], limited: [LimitedQueues.Due] = [], now: Timestamp, room: Int, startRoom: Int = .max,
        backlogRoom: (_ queue: Int, _ share: BacklogShare) -> Int
    ) -> [ClaimRange] {
        let heads = heads.filter { !withheld.contains($0.queueID) }
        if heads.contains(where: { $0.stage == .ready }) { readySeenAt = now }
        let (horizon, startBy) = (now + settings.lookahead, now + settings.lead)
        let due = heads.filter { $0.stage == .ready || $0.first <= horizon }
        passedOver = [:]
        isLimitedPassedOver = false
        starved = nil
        if due.isEmpty, limited.isEmpty { return [] }
        let share = max(1, min(settings.batch, room / max(1, due.count)))
        let overdue = due.filter { $0.stage == .ready || $0.first <= startBy }.map(\.queueID)
        let shares = BacklogShare.shares(of: Set(overdue + limited.filter { !$0.isOnTime }.map(\.queueID)), rules)
        var ranges: [ClaimRange] = []
        for line in limited {
            let backlog = line.isOnTime ? nil : shares[line.queueID]
            let limit = min(line.room, settings.batch, backlog.map { backlogRoom(line.queueID, $0) } ?? startRoom)
            if limit > 0 {
                ranges.append(
                    ClaimRange(
                        stage: .scheduled, queueID: line.queueID, low: line.head, upTo: startBy, limit: limit,
                        backlog: backlog, isLimited: true))
            } else {
                isLimitedPassedOver = true
            }
        }
        for (index, head) in due.enumerated() {
            var head = head
            if head.stage == .ready || head.first <= startBy {
                let backlog = shares[head.queueID]!
                let limit = min(settings.batch, backlogRoom(head.queueID, backlog))
                let upTo = head.stage == .ready ? horizon : startBy
                if limit > 0 {
                    ranges.append(
                        ClaimRange(
                            stage: head.stage, queueID: head.queueID, low: head.first, upTo: upTo, limit: limit,
                            backlog: backlog))
                } else {
                    passOver(head, backlog)
                }
                if head.stage == .ready { continue }
                head.first = Timestamp(microseconds: startBy.microseconds + 1)
            }
            if index < room {
                ranges.append(
                    ClaimRange(stage: .scheduled, queueID: head.queueID, low: head.first, upTo: horizon, limit: share))
            } else {
                passOver(head, nil)
            }
        }
        return ranges
    }

    /// Whether the last round left work behind for want of room.
    package var hasPassedOver: Bool { !passedOver.isEmpty || isLimitedPassedOver }

    /// A range was left for want of room, or for others that go first.
    package mutating func passOver(_ range: ClaimRange) {
        if range.isLimited {
            isLimitedPassedOver = true
        } else if let low = range.low {
            passOver(QueueHead(stage: range.stage, queueID: range.queueID, first: low), range.backlog)
        }
    }

    private mutating func passOver(_ head: QueueHead, _ backlog: BacklogShare?) {
        if starved == nil, let backlog { starved = Starved(queue: head.queueID, share: backlog) }
        passedOver[head.stage] = min(passedOver[head.stage] ?? head.first, head.first)
    }

    /// Takes in what a round of claims brought; a range that came back full may have more behind it.
    /// - Parameter positions: per range, how far it got; nil: to its end.
    package mutating func advance(_ positions: [(range: ClaimRange, reached: Timestamp?)], now: Timestamp) {
        for stage in [Stage.scheduled, .ready] {
            let ranges = positions.filter { $0.range.stage == stage && !$0.range.isLimited }
            if ranges.isEmpty { continue }
            let end = stage == .scheduled ? now + settings.lookahead : now
            // A range that was claimed to its end says nothing of what lies before or behind it: the furthest behind counts.
            let reached = min(ranges.map { $0.reached ?? end }.min()!, passedOver[stage] ?? end) - Self.margin
            low[stage] = max(low[stage] ?? reached, reached)
        }
    }

    /// How long the loop may sleep when it claimed nothing.
    package func pause(_ heads: [QueueHead], now: Timestamp) -> Duration {
        let inUse = readySeenAt.map { now - $0 < Self.readyStaysInUse } ?? false
        var pause = inUse ? settings.readyPoll : settings.pollMax
        for head in heads where head.stage == .scheduled && !withheld.contains(head.queueID) {
            pause = min(pause, max(.milliseconds(1), head.first - settings.lookahead - now))
        }
        return pause
    }
}
