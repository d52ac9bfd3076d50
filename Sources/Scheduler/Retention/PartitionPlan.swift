package import MySQL

/// Which days are to be split off from the last partition, so that rows never have to move.
package enum PartitionPlan {
    /// - Parameter existing: names of the partitions that are there.
    package static func missing(existing: [String], now: Timestamp, daysAhead: Int) -> [DayPartition] {
        let newest = existing.filter { $0.hasPrefix("p") }.max() ?? ""
        let day: Int64 = 86_400_000_000
        let today = Timestamp(microseconds: now.microseconds / day * day)
        return (0...daysAhead).map { DayPartition(day: today + .seconds($0 * 86_400)) }.filter { $0.name > newest }
    }
}
