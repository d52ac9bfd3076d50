import Synchronization

/// How much of its time an instance gives to what is overdue: all of it, unless tasks that are on time are started
/// slowly meanwhile, which tells that the machine or the database is busy. No clock of its own.
package struct BacklogPace: Sendable {
    /// 1: no restraint.
    package private(set) var part = 1.0
    private var onTimeAt: ContinuousClock.Instant?
    private var changedAt: ContinuousClock.Instant?

    /// A start of what is on time that takes longer is slow; mostly it takes 2 ms.
    private static let slow: Duration = .milliseconds(6)
    /// With more of it calls would be late (`start.lead_ms`).
    private static let tooSlow: Duration = .milliseconds(15)
    private static let least = 0.05
    private static let changesEvery: Duration = .milliseconds(100)
    /// Without tasks that are on time there is nobody to give way to.
    private static let isPresent: Duration = .seconds(1)
    private static let leastOfTime = 0.3
    private static let longestRest: Duration = .milliseconds(300)
    private static let smallestBatch = 20

    package init() {}

    /// Takes in how long a start of tasks took that are on time.
    package mutating func startedOnTime(in duration: Duration, now: ContinuousClock.Instant) {
        onTimeAt = now
        if duration <= Self.tooSlow, let changedAt, changedAt.duration(to: now) < Self.changesEvery { return }
        if duration > Self.tooSlow {
            part = Self.least
        } else if duration > Self.slow {
            part = max(Self.least, part * 0.7)
        } else if part < 1 {
            part = min(1, part * 1.05)
        } else {
            return
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
        guard part < 1, let onTimeAt else { return false }
        return onTimeAt.duration(to: now) < Self.isPresent
    }
}

/// The pace of one instance, for the loops that take what is overdue and the one that starts what is on time.
package final class BacklogPacer: Sendable {
    private let pace = Mutex(BacklogPace())
    private let time: any Timekeeper

    package init(_ time: any Timekeeper) {
        self.time = time
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
