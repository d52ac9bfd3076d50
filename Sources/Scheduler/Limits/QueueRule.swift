/// What the claim loop must know of a queue that is not like any other.
package struct QueueRule: Sendable, Equatable {
    package var isPaused = false
    /// Overdue tasks of a higher class go first.
    package var priority = 0
    /// Its part of the calls that a class has for overdue tasks.
    package var weight = 1
    /// The most calls in flight, in the whole cluster.
    package var maxConcurrency: Int?
    /// The most calls a second, in the whole cluster.
    package var rate: Double?
    /// Calls at once after a pause. nil: what the rate gives in a tenth of a second.
    package var burst: Int?

    package init() {}

    package var isLimited: Bool { maxConcurrency != nil || rate != nil }

    package var burstInForce: Int { burst ?? max(1, Int((rate ?? 0) / 10)) }
}

/// What an instance has taken of a queue's limits. All of them together are never more than the limits.
package struct QueueShare: Sendable, Equatable {
    package var queueID: Int
    package var incarnation: UInt64
    /// Calls in flight.
    package var slots: Int
    /// Calls a second.
    package var rate: Double

    package init(queueID: Int, incarnation: UInt64, slots: Int = 0, rate: Double = 0) {
        self.queueID = queueID
        self.incarnation = incarnation
        self.slots = slots
        self.rate = rate
    }

    /// What of a wish can be granted: to take less is always possible, to take more as far as others have left it.
    /// - Parameters:
    ///   - own: what it has now.
    ///   - others: what the others have in all.
    package static func granted(
        _ wish: QueueShare, own: QueueShare, others: (slots: Int, rate: Double), of rule: QueueRule
    ) -> QueueShare {
        var granted = wish
        granted.slots = min(wish.slots, max(own.slots, (rule.maxConcurrency ?? 0) - others.slots))
        granted.rate = min(wish.rate, max(own.rate, (rule.rate ?? 0) - others.rate))
        return granted
    }
}

/// A queue's part of the calls for overdue tasks.
package struct BacklogShare: Sendable, Equatable {
    package var priority: Int
    package var weight: Int
    /// The weights of all queues of its class that have a backlog.
    package var total: Int
    /// A higher class has a backlog too.
    package var isBelow: Bool

    package init(priority: Int = 0, weight: Int = 1, total: Int = 1, isBelow: Bool = false) {
        self.priority = priority
        self.weight = weight
        self.total = total
        self.isBelow = isBelow
    }

    /// The shares of queues that have a backlog.
    package static func shares(of queues: Set<Int>, _ rules: [Int: QueueRule]) -> [Int: BacklogShare] {
        let plain = QueueRule()
        var totals: [Int: Int] = [:]
        for queue in queues {
            let rule = rules[queue] ?? plain
            totals[rule.priority, default: 0] += rule.weight
        }
        let highest = totals.keys.max() ?? 0
        return queues.reduce(into: [:]) { shares, queue in
            let rule = rules[queue] ?? plain
            shares[queue] = BacklogShare(
                priority: rule.priority, weight: rule.weight, total: totals[rule.priority]!,
                isBelow: rule.priority < highest)
        }
    }
}
