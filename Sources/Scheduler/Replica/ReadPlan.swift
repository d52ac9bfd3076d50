package import MySQL

/// Where a page is read from, and what it is to say of that.
package enum ReadPlan: Sendable, Equatable {
    case primary(Reason)
    /// - Parameters:
    ///   - behind: by so much at most: the age of the newest heartbeat that is there.
    ///   - isLate: it is more than allowed, and the primary is to be spared all the same.
    case replica(behind: Duration, isLate: Bool)
    /// The replica is away, and the primary is to be spared all the same.
    case nowhere(String)

    package enum Reason: Sendable, Equatable {
        /// There is no other place.
        case noReplica
        /// What this visitor changed is not in the replica yet.
        case change
        case replicaAway(String)
        case replicaLate(Duration)
    }

    /// - Parameters:
    ///   - now: by the primary's clock.
    ///   - changedAt: when the visitor last changed something; nil: never.
    package init(
        _ state: ReplicaState, now: Timestamp, changedAt: Timestamp?, rules: Configuration.ReplicaRules
    ) {
        switch state {
        case .away(let reason):
            self = rules.fallsBack ? .primary(.replicaAway(reason)) : .nowhere(reason)
        case .seen(let upTo):
            let behind = max(.zero, now - upTo)
            let isLate = behind > rules.maxLag
            if let changedAt, upTo <= changedAt {
                self = .primary(.change)
            } else if isLate, rules.fallsBack {
                self = .primary(.replicaLate(behind))
            } else {
                self = .replica(behind: behind, isLate: isLate)
            }
        }
    }

    package var source: ReadSource {
        if case .replica = self { .replica } else { .primary }
    }
}
