/// A cron expression: at which local times something is to happen.
///
/// Five fields (minute, hour, day of month, month, day of week) or six with the second in front; lists, ranges that may
/// wrap, steps, names, `?`, `L`, `5#2`, `5L`, `15W`, and `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`. When day
/// of month and day of week are both given, a day that is either counts, as in cron(8).
package struct CronExpression: Sendable, Equatable {
    /// As it was written, without blanks too many.
    package let text: String
    let seconds: CronSet
    let minutes: CronSet
    let hours: CronSet
    let months: CronSet
    let days: CronDays
    /// The hour is written with `*`: it goes by real time, whatever the clocks do.
    let isHourly: Bool

    private static let nicknames = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]
    private static let longest = 200

    /// - Throws: what is wrong with it, and what is accepted.
    package init(_ text: String) throws(CronFault) {
        guard text.utf8.count <= Self.longest else {
            throw CronFault("must have at most \(Self.longest) characters")
        }
        var fields = text.split { $0 == " " || $0 == "\t" }.map(String.init)
        self.text = fields.joined(separator: " ")
        if fields.count == 1, fields[0].hasPrefix("@") {
            guard let meaning = Self.nicknames[fields[0].lowercased()] else {
                throw CronFault(
                    "\(fields[0]) is not known; there are \(Self.nicknames.keys.sorted().joined(separator: ", "))")
            }
            fields = meaning.split(separator: " ").map(String.init)
        }
        if fields.count == 5 { fields.insert("0", at: 0) }
        guard fields.count == 6 else {
            throw CronFault(
                "must have five fields (minute, hour, day of month, month, day of week) or six (with the second in front)"
            )
        }
        seconds = try CronField.second.set(fields[0])
        minutes = try CronField.minute.set(fields[1])
        hours = try CronField.hour.set(fields[2])
        months = try CronField.month.set(fields[4])
        days = try CronDays(ofMonth: fields[3], ofWeek: fields[5])
        isHourly = fields[2].hasPrefix("*")
        guard nextDay(from: LocalDay(year: 2000, month: 1, day: 1)) != nil else {
            throw CronFault("never comes: no month has such a day")
        }
    }

    /// A day that has every date and day of the week there is comes again after this many years at most.
    private static let years = 41

    /// The first day that it names, from this one on.
    func nextDay(from start: LocalDay) -> LocalDay? {
        var day = start
        while day.year <= start.year + Self.years {
            if !months.contains(day.month) {
                day = LocalDay(year: day.month == 12 ? day.year + 1 : day.year, month: day.month % 12 + 1, day: 1)
            } else if days.contains(day) {
                return day
            } else {
                day = day.next
            }
        }
        return nil
    }

    /// The first local time that it names, from this one on.
    /// - Parameter time: seconds since 1970 as a clock on the wall shows them.
    func next(from time: Int64) -> Int64? {
        var (day, second) = LocalDay.split(time)
        while let found = nextDay(from: day) {
            if found != day { second = 0 }
            if let second = nextSecond(from: second) { return found.start + Int64(second) }
            (day, second) = (found.next, 0)
        }
        return nil
    }

    /// The first second of a day that it names, from this one on.
    private func nextSecond(from second: Int) -> Int? {
        var (hour, minute, rest) = (second / 3600, second / 60 % 60, second % 60)
        if hours.contains(hour) {
            if minutes.contains(minute), let found = seconds.first(from: rest) {
                return hour * 3600 + minute * 60 + found
            }
            rest = seconds.first!
            if let found = minutes.first(from: minute + 1) { return hour * 3600 + found * 60 + rest }
        }
        (minute, rest) = (minutes.first!, seconds.first!)
        guard let found = hours.first(from: hour + 1) else { return nil }
        hour = found
        return hour * 3600 + minute * 60 + rest
    }
}

/// Why a text is no cron expression.
package struct CronFault: Error, Sendable, Equatable {
    package let detail: String

    init(_ detail: String) {
        self.detail = detail
    }
}
