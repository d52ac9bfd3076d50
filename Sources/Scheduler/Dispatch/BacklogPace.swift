import Synchronization

/// How much of its time an instance gives to what is overdue: all of it, unless there are tasks on time, which come first.
/// Then at most half, and less while their starts are slow, which tells that the machine or the database is busy. No clock
/// of its own.
package struct BacklogPace: Sendable {
    /// While there is something on time.
    package private(set) var part = Self.first
    private var startedAt: ContinuousClock.Instant?
    private var changedAt: ContinuousClock.Instant?
    private var nextAt: ContinuousClock.Instant?

    /// A start of what is on time that takes longer is slow; mostly it takes 2 ms.
    private static let slow: Duration = .milliseconds(6)
    /// With much more of it calls would be late (`start.lead_ms`).
    private static let tooSlow: Duration = .milliseconds(15)
    private static let least = 0.05
    /// To begin with, before anything has been started.
    private static let first = 0.2
    private static let most = 0.5
    private static let changesEvery: Duration = .milliseconds(100)
    /// How long before the next task on time it begins: what is under way has to end.
    private static let before: Duration = .milliseconds(500)
    private static let after: Duration = .seconds(1)
    private static let leastOfTime = 0.3
    private static let longestRest: Duration = .milliseconds(300)
    private static let smallestBatch = 20

    package init() {}

    /// Takes in when the next task is due that is on time; nil: none is known.
    package mutating func expects(_ nextAt: ContinuousClock.Instant?, now: ContinuousClock.Instant) {
        let gaveWay = givesWay(now)
        self.nextAt = nextAt
        if !gaveWay { part = Self.first }
    }

    /// Takes in how long a start of tasks took that are on time.
    package mutating func startedOnTime(in duration: Duration, now: ContinuousClock.Instant) {
        if !givesWay(now) { part = Self.first }
        startedAt = now
        if duration <= Self.tooSlow, let changedAt, changedAt.duration(to: now) < Self.changesEvery { return }
        if duration > Self.tooSlow {
            part = Self.least
        } else if duration > Self.slow {
            part = max(Self.least, part * 0.7)
        } else {
            part = min(Self.most, part * 1.05)
        }
        changedAt = now
    }

    /// Tasks that are claimed or started together.
    package func batch(_ limit: Int, now: ContinuousClock.Instant) -> Int {
        givesWay(now) ? min(limit, max(Self.smallestBatch, Int(Double(limit) * part))) : limit
    }

    /// For how long nothing overdue is taken after it has taken so long.
    package func rest(after duration: Duration, now: ContinuousClock.Instant) -> Duration {
        guard givesWay(now) else { return .zero }
        let part = max(Self.leastOfTime, part)
        return min(Self.longestRest, duration * ((1 - part) / part))
    }

    private func givesWay(_ now: ContinuousClock.Instant) -> Bool {
        if let nextAt, now.duration(to: nextAt) < Self.before { return true }
        guard let startedAt else { return false }
        return startedAt.duration(to: now) < Self.after
    }
}

/// The pace of one instance, for the loops that take what is overdue and the one that starts what is on time.
package final class BacklogPacer: Sendable {
    private let pace = Mutex(BacklogPace())
    private let time: any Timekeeper

    package init(_ time: any Timekeeper) {
        self.time = time
    }

    /// Tells when the next task is due that is on time; nil: none is known.
    package func expects(_ nextAt: ContinuousClock.Instant?) {
        let now = time.now()
        pace.withLock { $0.expects(nextAt, now: now) }
    }

    package func startedOnTime(since begun: ContinuousClock.Instant) {
        let now = time.now()
        pace.withLock { $0.startedOnTime(in: begun.duration(to: now), now: now) }
    }

    package func batch(_ limit: Int) -> Int {
        let now = time.now()
        return pace.withLock { $0.batch(limit, now: now) }
    }

    /// Gives way after work on what is overdue that began then.
    package func rest(since begun: ContinuousClock.Instant) async throws {
        let now = time.now()
        let rest = pace.withLock { $0.rest(after: begun.duration(to: now), now: now) }
        if rest > .zero { try await time.sleep(for: rest) }
    }
}
