package import MySQL

/// The limited queues, as one instance sees them: its shares, how far it has used them, and when it can go on. No clock
/// of its own.
///
/// Tasks of a limited queue wait in `scheduled`, in order of their plan times, and are claimed when they are due and may
/// be called: none is in a wheel. A share is what the table of shares grants; the sum of all is never above the limit,
/// whoever joins and leaves.
package struct LimitedQueues: Sendable {
    fileprivate struct Line {
        var rule: QueueRule
        /// What we have of its limits.
        var share: QueueShare
        /// What was asked for, while the answer is not known: no more is used until it is.
        var asked: QueueShare?
        /// What is ours to have, by the instances there are.
        var due: (slots: Int, rate: Double, burst: Int) = (0, 0, 0)
        /// nil: without a rate.
        var bucket: TokenBucket?
        /// The first task that waits. nil: none was seen.
        var head: Timestamp?
        /// Up to where we have seen everything claimed.
        var low: Timestamp?
    }

    /// A queue of which something is due now.
    package struct Due: Sendable, Equatable {
        package var queueID: Int
        package var head: Timestamp
        /// How many the limits allow.
        package var room: Int
        /// It is not late yet.
        package var isOnTime: Bool
    }

    private var lines: [Int: Line] = [:]

    /// Tokens are taken so long ahead: enough for a batch, and little enough that what comes meanwhile is not late.
    fileprivate static let ahead: Duration = .milliseconds(200)
    /// Later than this, a task counts as backlog.
    private static let onTime: Duration = .seconds(1)
    private static let margin: Duration = .seconds(1)

    package init() {}

    package var isEmpty: Bool { lines.isEmpty }

    // MARK: What there is

    /// Where the next look at each queue is to begin. - Parameter isSweep: at the heads, for what came in behind.
    package mutating func marks(isSweep: Bool) -> [LimitedMark] {
        if isSweep { for queue in lines.keys { lines[queue]!.low = nil } }
        return lines.sorted { $0.key < $1.key }.map { LimitedMark(queueID: $0.key, low: $0.value.low) }
    }

    /// Takes in what a look has shown.
    /// - Parameter running: calls of a queue that this process has begun and that have not ended.
    /// - Returns: the shares to ask for.
    package mutating func take(
        _ view: ClaimView, as incarnation: UInt64, running: (Int) -> Int, at now: ContinuousClock.Instant
    ) -> [QueueShare] {
        lines = lines.filter { view.rules[$0.key]?.isLimited == true }
        let part = ShareOfLimit(of: incarnation, among: view.workers)
        var wishes: [QueueShare] = []
        for (queue, rule) in view.rules.sorted(by: { $0.key < $1.key }) where rule.isLimited {
            var line = lines[queue] ?? Line(rule: rule, share: QueueShare(queueID: queue, incarnation: incarnation))
            let shares = view.shares.filter { $0.queueID == queue }
            line.rule = rule
            line.head = rule.isPaused ? nil : view.limitedHeads[queue]
            line.share =
                shares.first { $0.incarnation == incarnation } ?? QueueShare(queueID: queue, incarnation: incarnation)
            let rate = part.of(rate: rule.rate ?? 0, burst: rule.burstInForce)
            line.due = (part.of(rule.maxConcurrency ?? 0), rate.rate, rate.burst)
            if rule.rate == nil { line.bucket = nil }
            let others = shares.filter { $0.incarnation != incarnation }
            if let asked = line.asked {
                line.share.slots = min(line.share.slots, asked.slots)
                line.share.rate = min(line.share.rate, asked.rate)
            }
            line.applyRate(at: now)
            let wish = line.wish(running: running(queue), others: others) ?? line.asked.map { _ in line.share }
            if let wish { wishes.append(wish) }
            line.asked = wish
            lines[queue] = line
        }
        return wishes
    }

    /// Takes in what was granted.
    package mutating func granted(_ shares: [QueueShare], at now: ContinuousClock.Instant) {
        for share in shares where lines[share.queueID] != nil {
            lines[share.queueID]!.share = share
            lines[share.queueID]!.asked = nil
            lines[share.queueID]!.applyRate(at: now)
        }
    }

    // MARK: What may be claimed

    /// The queues of which something is due by `startBy` and may be called.
    package func due(
        _ now: Timestamp, startBy: Timestamp, batch: Int, running: (Int) -> Int, at instant: ContinuousClock.Instant
    ) -> [Due] {
        lines.sorted { $0.key < $1.key }.compactMap { queue, line in
            guard let head = line.head, head <= startBy else { return nil }
            let room = line.room(batch, running: running(queue), at: instant)
            return room > 0
                ? Due(queueID: queue, head: head, room: room, isOnTime: head > now - Self.onTime) : nil
        }
    }

    package func room(_ queue: Int, _ most: Int, running: Int, at now: ContinuousClock.Instant) -> Int {
        lines[queue]?.room(most, running: running, at: now) ?? 0
    }

    /// Notes that tasks of a queue were claimed and are called now.
    /// - Returns: when each may be called.
    package mutating func started(_ count: Int, queue: Int, at now: ContinuousClock.Instant)
        -> [ContinuousClock.Instant]
    {
        guard count > 0, lines[queue]?.bucket != nil else { return [] }
        return lines[queue]!.bucket!.take(upTo: count, within: Self.ahead, at: now)
    }

    /// Takes in how far a claim got. - Parameter reached: nil: there is no more.
    package mutating func advance(_ queue: Int, reached: Timestamp?) {
        guard let line = lines[queue] else { return }
        if let last = reached ?? line.head { lines[queue]!.low = max(line.low ?? last, last) - Self.margin }
        lines[queue]!.head = reached
    }

    /// What was put into the queue may be before everything that was seen.
    package mutating func forgetMark(_ queue: Int) {
        lines[queue]?.low = nil
    }

    // MARK: Waiting

    /// How long nothing can be done, as far as that is known; nil: until something happens.
    package func pause(_ now: Timestamp, lead: Duration, running: (Int) -> Int, at instant: ContinuousClock.Instant)
        -> Duration?
    {
        lines.compactMap { queue, line -> Duration? in
            guard let head = line.head, line.hasShare else { return nil }
            let untilDue = head - lead - now
            if untilDue > .zero { return max(.milliseconds(1), untilDue) }
            if let slots = line.freeSlots(running: running(queue)), slots <= 0 { return nil }
            guard let bucket = line.bucket else { return .milliseconds(1) }
            // Half of what is taken ahead is used up by then, and comes as one batch.
            return bucket.next(at: instant).map {
                max(.milliseconds(1), instant.duration(to: $0) - Self.ahead / 2)
            }
        }.min()
    }

    /// Before which plan time a new task of a queue is of interest at once, as nothing earlier is waited for.
    package var interesting: [Int: Timestamp] {
        lines.mapValues { line in
            line.rule.isPaused || !line.hasShare
                ? Timestamp.range.lowerBound : line.head ?? Timestamp.range.upperBound
        }
    }

    /// The queues of which the end of a call may let another one begin.
    package var waitingForCalls: Set<Int> {
        Set(lines.filter { $0.value.rule.maxConcurrency != nil && $0.value.head != nil }.keys)
    }
}

extension LimitedQueues.Line {
    var hasShare: Bool {
        (rule.maxConcurrency == nil || min(share.slots, due.slots) > 0) && (rule.rate == nil || (bucket?.rate ?? 0) > 0)
    }

    /// nil: as many as there are.
    func freeSlots(running: Int) -> Int? {
        rule.maxConcurrency == nil ? nil : min(share.slots, due.slots) - running
    }

    func room(_ most: Int, running: Int, at now: ContinuousClock.Instant) -> Int {
        let most = min(most, freeSlots(running: running) ?? most)
        guard most > 0 else { return 0 }
        guard rule.rate != nil else { return most }
        return bucket?.count(upTo: most, within: LimitedQueues.ahead, at: now) ?? 0
    }

    /// A share that has become smaller counts at once, one that has become larger when it is granted.
    mutating func applyRate(at now: ContinuousClock.Instant) {
        guard rule.rate != nil else { return }
        let rate = min(share.rate, due.rate)
        if bucket == nil { bucket = TokenBucket(rate: rate, burst: due.burst, isFull: false, at: now) }
        if bucket!.rate != rate || bucket!.burst != due.burst { bucket!.change(rate: rate, burst: due.burst, at: now) }
    }

    /// nil: nothing can be had that is not ours already.
    func wish(running: Int, others: [QueueShare]) -> QueueShare? {
        var wish = share
        // Calls that run keep their slots until they end.
        wish.slots = max(due.slots, min(share.slots, running))
        wish.rate = due.rate
        let taken = others.reduce(into: (slots: 0, rate: 0.0)) { $0 = ($0.slots + $1.slots, $0.rate + $1.rate) }
        let granted = QueueShare.granted(wish, own: share, others: taken, of: rule)
        let isSame = granted.slots == share.slots && abs(granted.rate - share.rate) <= 1e-9 * max(1, share.rate)
        return isSame ? nil : wish
    }
}
