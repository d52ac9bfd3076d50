import MySQL

/// A range of ids whose tasks and attempts come and go together: mostly what was created on one day, and more where the
/// partitions of some days were never made.
package struct HistoryDay: Sendable, Equatable {
    /// The partition's: `p20261121`.
    package var name: String
    /// Ids at or after it.
    package var from: TaskID
    /// Ids before it; nil: the last partition, which has no end and is never removed.
    package var to: TaskID?

    package init(name: String, from: TaskID, to: TaskID?) {
        (self.name, self.from, self.to) = (name, from, to)
    }
}

/// The tables that are partitioned by day.
package enum HistoryTable: Sendable {
    case tasks, attempts
}

/// The partitions of `tasks` and `attempts`, which are mostly the same.
package struct HistoryLayout: Sendable, Equatable {
    package struct Partition: Sendable, Equatable {
        package var name: String
        /// Ids are less than this; nil: no limit.
        package var to: TaskID?

        package init(name: String, to: TaskID?) {
            (self.name, self.to) = (name, to)
        }
    }

    /// In order.
    package var tasks: [Partition]
    package var attempts: [Partition]

    package init(tasks: [Partition], attempts: [Partition]) {
        (self.tasks, self.attempts) = (tasks, attempts)
    }

    /// Oldest first; where only one of the tables has a partition, as after a change that was done by half, there is one.
    package var days: [HistoryDay] {
        let all = (tasks + attempts).sorted { ($0.to ?? .max) < ($1.to ?? .max) }
        var days: [HistoryDay] = []
        for partition in all where days.isEmpty || days[days.count - 1].to != partition.to {
            days.append(HistoryDay(name: partition.name, from: days.last?.to ?? .min, to: partition.to))
        }
        return days
    }

    /// The partition that holds what is of the day and nothing else.
    package static func partition(of day: HistoryDay, among partitions: [Partition]) -> Partition? {
        guard let index = partitions.firstIndex(where: { $0.to == day.to }), day.to != nil else { return nil }
        let from = index == 0 ? TaskID.min : partitions[index - 1].to
        return from == day.from ? partitions[index] : nil
    }
}
