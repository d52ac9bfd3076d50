package import MySQL
package import Scheduler

extension MemoryTables {
    /// The instances that claim and have a lease.
    func workers(_ databaseTime: Timestamp) -> [UInt64] {
        instances.indices.filter { index in
            let row = instances[index]
            return !row.hasEnded && row.lookahead != nil && row.leaseUntil > databaseTime
        }.map { UInt64($0 + 1) }
    }

    /// What instances that have not ended have of the limits.
    func shares(_ databaseTime: Timestamp) -> [QueueShare] {
        queueShares.compactMap { share in
            guard let row = instance(share.incarnation), !row.hasEnded else { return nil }
            var share = share
            if row.leaseUntil <= databaseTime { share.rate = 0 }
            return share
        }
    }

    package mutating func setShares(
        _ wishes: [QueueShare], incarnation: UInt64, databaseTime: Timestamp
    ) -> [QueueShare] {
        let shares = shares(databaseTime)
        let granted = wishes.compactMap { wish -> QueueShare? in
            guard queues.indices.contains(wish.queueID - 1) else { return nil }
            if breakage == .shareWithoutOthers { return wish }
            let ofQueue = shares.filter { $0.queueID == wish.queueID }
            let others = ofQueue.filter { $0.incarnation != incarnation }
            return QueueShare.granted(
                wish,
                own: ofQueue.first { $0.incarnation == incarnation }
                    ?? QueueShare(queueID: wish.queueID, incarnation: incarnation),
                others: (others.reduce(0) { $0 + $1.slots }, others.reduce(0) { $0 + $1.rate }),
                of: rules[wish.queueID] ?? QueueRule())
        }
        let asked = Set(wishes.map(\.queueID))
        let kept = queueShares.filter { share in
            let isAlive = !(instance(share.incarnation)?.hasEnded ?? true)
            return !asked.contains(share.queueID) || (share.incarnation != incarnation && isAlive)
        }
        queueShares = kept + granted
        return granted
    }

    package mutating func putInOrder(queue: Int, limit: Int) -> Int {
        let rows = ready.filter { $0.queueID == queue && !locked.contains($0.id) }.prefix(limit)
        for row in rows {
            _ = Self.delete(queue, row.order, row.id, &ready)
            Self.insert(StageRow(queueID: queue, order: row.planTime, id: row.id, planTime: row.planTime), &scheduled)
            changes.append(.touched(row.id))
        }
        return rows.count
    }
}
