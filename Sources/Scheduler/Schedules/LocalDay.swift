import MySQL

/// A day of the calendar on the wall, in whatever zone.
struct LocalDay: Sendable, Equatable {
    var year: Int
    var month: Int
    var day: Int

    init(year: Int, month: Int, day: Int) {
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// - Parameter time: seconds since 1970 as a clock on the wall shows them.
    static func split(_ time: Int64) -> (day: LocalDay, second: Int) {
        let civil = CivilTime(Timestamp(microseconds: time * 1_000_000))
        return (
            LocalDay(year: civil.year, month: civil.month, day: civil.day),
            civil.hour * 3600 + civil.minute * 60 + civil.second
        )
    }

    /// Its beginning, as such a clock shows it.
    var start: Int64 { CivilTime(year: year, month: month, day: day).timestamp.microseconds / 1_000_000 }

    var lengthOfMonth: Int { CivilTime.days(inMonth: month, year: year) }

    /// 0: Sunday.
    var weekday: Int {
        // 1970 began on a Thursday.
        let days = start / 86_400
        return Int(((days + 4) % 7 + 7) % 7)
    }

    var next: LocalDay {
        if day < lengthOfMonth { return LocalDay(year: year, month: month, day: day + 1) }
        return LocalDay(year: month == 12 ? year + 1 : year, month: month % 12 + 1, day: 1)
    }
}
