package import MySQL

/// A partition of `tasks` and `attempts`: the ids below a bound, which is the first instant of a day.
package struct DayPartition: Sendable, Equatable {
    /// `p20261121` holds what was created on that day.
    package var name: String
    /// Ids are less than this.
    package var bound: TaskID

    package init(day: Timestamp) {
        let civil = CivilTime(day)
        name = "p\(civil.year * 10_000 + civil.month * 100 + civil.day)"
        bound = TaskID.lowerBound(day + .seconds(86_400))
    }
}
