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

    /// A queue that was left out for want of room.
    package struct Starved: Sendable {
        package var queue: Int
        /// How many queues have a backlog.
        package var queues: Int

        package init(queue: Int, queues: Int) {
            self.queue = queue
            self.queues = queues
        }
    }

    package var settings: Settings
    /// Up to where this instance has seen everything claimed, per table. Deleted entries stay in an index until purge
    /// gets to them; a claim that starts at the head must step over all of them.
    private var low: [Stage: Timestamp] = [:]
    /// The first row of the queues that got no share of the room in this round, per table: no low mark passes it.
    private var passedOver: [Stage: Timestamp] = [:]
    /// Who got no share in this round.
    package private(set) var starved: Starved?
    private var sweptAt: Timestamp?
    /// Queues that are not claimed from; the low marks pass their rows.
    private var paused: Set<Int> = []
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

    /// Takes in which queues are paused. When one of them goes on, the low marks have passed its rows: they fall.
    /// - Returns: whether they did, so that this look may have missed something.
    package mutating func pause(_ queues: Set<Int>) -> Bool {
        let goesOn = !paused.isSubset(of: queues)
        paused = queues
        if goesOn { sweptAt = nil }
        return goesOn
    }

    /// What to claim now. Overdue tasks are claimed only as far as they can be started, the oldest first; what is due
    /// later is claimed for the wheel beside them, so that no backlog delays what is on time.
    /// - Parameters:
    ///   - room: entries that the wheel can take, shared evenly among the queues.
    ///   - backlogRoom: how many overdue tasks of a queue can be started, given how many queues have some.
    package mutating func ranges(
        _ heads: [QueueHead], now: Timestamp, room: Int, backlogRoom: (_ queue: Int, _ queues: Int) -> Int
    ) -> [ClaimRange] {
        let heads = heads.filter { !paused.contains($0.queueID) }
        if heads.contains(where: { $0.stage == .ready }) { readySeenAt = now }
        let (horizon, startBy) = (now + settings.lookahead, now + settings.lead)
        let due = heads.filter { $0.stage == .ready || $0.first <= horizon }
        passedOver = [:]
        starved = nil
        if due.isEmpty { return [] }
        let share = max(1, min(settings.batch, room / due.count))
        let backlogQueues = Set(due.filter { $0.stage == .ready || $0.first <= startBy }.map(\.queueID)).count
        var ranges: [ClaimRange] = []
        for (index, head) in due.enumerated() {
            var head = head
            if head.stage == .ready || head.first <= startBy {
                let limit = min(settings.batch, backlogRoom(head.queueID, backlogQueues))
                let upTo = head.stage == .ready ? horizon : startBy
                if limit > 0 {
                    ranges.append(
                        ClaimRange(stage: head.stage, queueID: head.queueID, low: head.first, upTo: upTo, limit: limit))
                } else {
                    passOver(head, among: backlogQueues)
                }
                if head.stage == .ready { continue }
                head.first = Timestamp(microseconds: startBy.microseconds + 1)
            }
            if index < room {
                ranges.append(
                    ClaimRange(stage: .scheduled, queueID: head.queueID, low: head.first, upTo: horizon, limit: share))
            } else {
                passOver(head, among: backlogQueues)
            }
        }
        return ranges
    }

    /// Whether the last round left work behind for want of room.
    package var hasPassedOver: Bool { !passedOver.isEmpty }

    private mutating func passOver(_ head: QueueHead, among queues: Int) {
        if starved == nil { starved = Starved(queue: head.queueID, queues: queues) }
        passedOver[head.stage] = min(passedOver[head.stage] ?? head.first, head.first)
    }

    /// Takes in what a round of claims brought; a range that came back full may have more behind it.
    /// - Parameter positions: per range, how far it got; nil: to its end.
    package mutating func advance(_ positions: [(range: ClaimRange, reached: Timestamp?)], now: Timestamp) {
        for stage in [Stage.scheduled, .ready] {
            let ranges = positions.filter { $0.range.stage == stage }
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
        for head in heads where head.stage == .scheduled && !paused.contains(head.queueID) {
            pause = min(pause, max(.milliseconds(1), head.first - settings.lookahead - now))
        }
        return pause
    }
}
