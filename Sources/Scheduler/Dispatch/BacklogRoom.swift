/// How many overdue tasks may be under way, so that a backlog neither floods the receivers at once nor takes the room of
/// tasks that are on time. No clock of its own.
///
/// The window opens as calls end, doubling with each round of them, as TCP's slow start does (RFC 5681); it closes again
/// when there has been no backlog for a while. Calls that hang open it too, slowly: what waits behind them goes to others.
/// Queues of one class with a backlog share it by their weights; a lower class has what the others leave.
package struct BacklogRoom: Sendable {
    /// Never more than this: the rest is for tasks that are on time.
    private var limit: Int
    private var window: Int
    private var held: [Int: Int] = [:]
    private var lastUsedAt: ContinuousClock.Instant?
    private var openedAt: ContinuousClock.Instant?

    private static let firstWindow = 32
    private static let closesAfter: Duration = .seconds(10)
    private static let opensEvery: Duration = .milliseconds(500)

    package init(limit: Int = .max) {
        self.limit = max(1, limit)
        window = min(self.limit, Self.firstWindow)
    }

    /// For who may start so many from now on.
    package mutating func setLimit(_ limit: Int) {
        self.limit = max(1, limit)
        window = min(self.limit, window)
    }

    /// Overdue tasks that are under way.
    package var count: Int { held.values.reduce(0, +) }

    /// How many more of a queue's may be started.
    package mutating func room(queue: Int, _ share: BacklogShare, now: ContinuousClock.Instant) -> Int {
        if held.isEmpty, let lastUsedAt, lastUsedAt.duration(to: now) > Self.closesAfter {
            window = min(limit, Self.firstWindow)
        }
        let room = left(queue, share)
        if room > 0 || window == limit { return max(0, room) }
        // Nothing has ended for a while, or the window would be wider.
        if let openedAt, openedAt.duration(to: now) < Self.opensEvery { return 0 }
        if openedAt != nil { window = min(limit, window + Self.firstWindow) }
        openedAt = now
        return max(0, left(queue, share))
    }

    private func left(_ queue: Int, _ share: BacklogShare) -> Int {
        let left = part(share) - held[queue, default: 0]
        return share.isBelow ? min(left, window - count) : left
    }

    /// So many were looked at and put off: nobody was called for them.
    package mutating func passedOver(_ count: Int) {
        window = min(limit, window + count)
    }

    /// How many a queue may have at all.
    package func part(_ share: BacklogShare) -> Int { max(1, window * share.weight / max(1, share.total)) }

    package mutating func started(_ count: Int, queue: Int, now: ContinuousClock.Instant) {
        if count == 0 { return }
        held[queue, default: 0] += count
        lastUsedAt = now
    }

    package mutating func ended(_ count: Int, queue: Int) {
        let left = held[queue, default: 0] - count
        held[queue] = left > 0 ? left : nil
        window = min(limit, window + count)
        openedAt = nil
    }
}
