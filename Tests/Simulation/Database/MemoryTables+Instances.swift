package import MySQL
package import Scheduler

extension MemoryTables {
    package mutating func register(
        name: String, lookahead: Duration?, lease: Duration, databaseTime: Timestamp
    ) -> UInt64 {
        instances.append(InstanceRow(name: name, lookahead: lookahead, leaseUntil: databaseTime + lease))
        return UInt64(instances.count)
    }

    package mutating func heartbeat(
        _ incarnation: UInt64, lease: Duration, databaseTime: Timestamp
    ) -> ClusterView? {
        guard let own = instance(incarnation), !own.hasEnded, own.leaseUntil > databaseTime else { return nil }
        instances[Int(incarnation) - 1].leaseUntil = databaseTime + lease
        var view = ClusterView()
        for (index, row) in instances.enumerated() where !row.hasEnded {
            let number = UInt64(index + 1)
            if row.leaseUntil <= databaseTime || (breakage == .recoveryWithoutLease && number != incarnation) {
                view.expired.append(number)
            } else if let lookahead = row.lookahead {
                view.workers.append(number)
                view.lookahead = max(view.lookahead ?? .zero, lookahead)
            }
        }
        return view
    }

    package var aliveIncarnations: [UInt64] {
        instances.indices.filter { !instances[$0].hasEnded }.map { UInt64($0 + 1) }
    }

    package mutating func expire(_ incarnation: UInt64, databaseTime: Timestamp) {
        guard let own = instance(incarnation), !own.hasEnded else { return }
        instances[Int(incarnation) - 1].leaseUntil = databaseTime
    }
}
