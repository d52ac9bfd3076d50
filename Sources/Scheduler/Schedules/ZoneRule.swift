/// What holds after the last change that a zone's file records: the value of `TZ` in POSIX, at the file's end.
struct ZoneRule: Sendable, Equatable {
    private let standard: Int64
    /// nil: there is no daylight saving.
    private let saving: Saving?

    private struct Saving: Sendable, Equatable {
        var offset: Int64
        var begin: Day
        var end: Day
    }

    /// A day of each year, and the time of that day by the clocks before the change.
    private struct Day: Sendable, Equatable {
        enum Kind: Sendable, Equatable {
            /// `J60`: 1 to 365, never February 29th.
            case julian(Int)
            /// `59`: 0 to 365.
            case zeroBased(Int)
            /// `M3.5.0`: month, week (5: the last), day of week.
            case weekday(Int, Int, Int)
        }

        var kind: Kind
        var seconds: Int64

        /// In seconds since 1970 as a clock shows them.
        func time(in year: Int) -> Int64 {
            let newYear = LocalDay(year: year, month: 1, day: 1).start
            switch kind {
            case .julian(let number):
                let isLeap = LocalDay(year: year, month: 2, day: 1).lengthOfMonth == 29
                return newYear + Int64(number - 1 + (isLeap && number >= 60 ? 1 : 0)) * 86_400 + seconds
            case .zeroBased(let number): return newYear + Int64(number) * 86_400 + seconds
            case .weekday(let month, let week, let weekday):
                let first = LocalDay(year: year, month: month, day: 1)
                var day = 1 + (weekday - first.weekday + 7) % 7 + (week - 1) * 7
                while day > first.lengthOfMonth { day -= 7 }
                return LocalDay(year: year, month: month, day: day).start + seconds
            }
        }
    }

    func span(at time: Int64) -> ZoneSpan {
        guard let saving else { return ZoneSpan(offset: standard, start: nil, end: nil, offsetBefore: standard) }
        let year = LocalDay.split(time).day.year
        var changes: [(at: Int64, offset: Int64)] = []
        for year in (year - 1)...(year + 1) {
            changes.append((saving.begin.time(in: year) - standard, saving.offset))
            changes.append((saving.end.time(in: year) - saving.offset, standard))
        }
        changes.sort { $0.at < $1.at }
        let index = changes.lastIndex { $0.at <= time } ?? 0
        return ZoneSpan(
            offset: changes[index].offset, start: changes[index].at,
            end: index + 1 < changes.count ? changes[index + 1].at : nil,
            offsetBefore: index > 0 ? changes[index - 1].offset : changes[index + 1].offset)
    }

    /// - Returns: nil when it is not of the form.
    init?(_ text: String) {
        var reader = Reader(rest: text[...])
        guard reader.skipName(), let west = reader.offset() else { return nil }
        standard = -west
        guard !reader.rest.isEmpty else {
            saving = nil
            return
        }
        guard reader.skipName() else { return nil }
        var offset = standard + 3600
        if reader.rest.first != "," {
            guard let west = reader.offset() else { return nil }
            offset = -west
        }
        guard let begin = reader.day(), let end = reader.day(), reader.rest.isEmpty else { return nil }
        saving = Saving(offset: offset, begin: begin, end: end)
    }

    private struct Reader {
        var rest: Substring

        mutating func skipName() -> Bool {
            if rest.first == "<" {
                guard let close = rest.firstIndex(of: ">") else { return false }
                rest = rest[rest.index(after: close)...]
                return true
            }
            let name = rest.prefix { $0.isLetter }
            rest = rest[name.endIndex...]
            return name.count >= 3
        }

        mutating func number() -> Int? {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest[digits.endIndex...]
            return Int(digits)
        }

        mutating func skip(_ mark: Character) -> Bool {
            guard rest.first == mark else { return false }
            rest.removeFirst()
            return true
        }

        /// Hours, minutes and seconds, with a sign.
        mutating func offset() -> Int64? {
            let isNegative = skip("-")
            if !isNegative { _ = skip("+") }
            guard var seconds = number().map({ Int64($0) * 3600 }) else { return nil }
            if skip(":") {
                guard let minutes = number() else { return nil }
                seconds += Int64(minutes) * 60
                if skip(":") {
                    guard let rest = number() else { return nil }
                    seconds += Int64(rest)
                }
            }
            return isNegative ? -seconds : seconds
        }

        mutating func day() -> Day? {
            guard skip(",") else { return nil }
            let kind: Day.Kind
            if skip("M") {
                guard let month = number(), skip("."), let week = number(), skip("."), let weekday = number(),
                    (1...12).contains(month), (1...5).contains(week), (0...6).contains(weekday)
                else { return nil }
                kind = .weekday(month, week, weekday)
            } else if skip("J") {
                guard let number = number(), (1...365).contains(number) else { return nil }
                kind = .julian(number)
            } else {
                guard let number = number(), (0...365).contains(number) else { return nil }
                kind = .zeroBased(number)
            }
            var seconds: Int64 = 7200
            if skip("/") {
                guard let given = offset() else { return nil }
                seconds = given
            }
            return Day(kind: kind, seconds: seconds)
        }
    }
}
