package import MySQL

/// What the claim loop knows and decides: low marks, ranges, pauses. No clock and no I/O of its own.
package struct ClaimPlan: Sendable {
    package struct Settings: Sendable {
        package var lookahead: Duration
        package var pollMax: Duration
        package var readyPoll: Duration
        package var sweepInterval: Duration
        package var batch: Int

        package init(
            lookahead: Duration, pollMax: Duration, readyPoll: Duration, sweepInterval: Duration, batch: Int
        ) {
            self.lookahead = lookahead
            self.pollMax = pollMax
            self.readyPoll = readyPoll
            self.sweepInterval = sweepInterval
            self.batch = batch
        }
    }

    package let settings: Settings
    /// Up to where this instance has seen everything claimed, per table. Deleted entries stay in an index until purge
    /// gets to them; a claim that starts at the head must step over all of them.
    private var low: [Stage: Timestamp] = [:]
    /// The first row of the queues that got no share of the room in this round, per table: no low mark passes it.
    private var passedOver: [Stage: Timestamp] = [:]
    private var sweptAt: Timestamp?
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

    /// What to claim now, at most `room` rows in all, shared evenly among the queues that have work.
    package mutating func ranges(_ heads: [QueueHead], now: Timestamp, room: Int) -> [ClaimRange] {
        if heads.contains(where: { $0.stage == .ready }) { readySeenAt = now }
        let horizon = now + settings.lookahead
        let due = heads.filter { $0.stage == .ready || $0.first <= horizon }
        passedOver = Dictionary(due.dropFirst(max(0, room)).map { ($0.stage, $0.first) }, uniquingKeysWith: min)
        guard !due.isEmpty, room > 0 else { return [] }
        let share = max(1, min(settings.batch, room / due.count))
        return due.prefix(room).map { head in
            ClaimRange(stage: head.stage, queueID: head.queueID, low: head.first, upTo: horizon, limit: share)
        }
    }

    /// Takes in what a round of claims brought; a range that came back full may have more behind it.
    /// - Parameter positions: per range, how far it got; nil: to its end.
    package mutating func advance(_ positions: [(range: ClaimRange, reached: Timestamp?)], now: Timestamp) {
        for stage in [Stage.scheduled, .ready] {
            let ranges = positions.filter { $0.range.stage == stage }
            if ranges.isEmpty { continue }
            let end = stage == .scheduled ? now + settings.lookahead : now
            let reached = min(ranges.map { $0.reached ?? end }.min()!, passedOver[stage] ?? end) - Self.margin
            low[stage] = max(low[stage] ?? reached, reached)
        }
    }

    /// How long the loop may sleep when it claimed nothing.
    package func pause(_ heads: [QueueHead], now: Timestamp) -> Duration {
        let inUse = readySeenAt.map { now - $0 < Self.readyStaysInUse } ?? false
        var pause = inUse ? settings.readyPoll : settings.pollMax
        for head in heads where head.stage == .scheduled {
            pause = min(pause, max(.milliseconds(1), head.first - settings.lookahead - now))
        }
        return pause
    }
}
