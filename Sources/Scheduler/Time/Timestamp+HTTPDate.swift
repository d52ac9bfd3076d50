package import MySQL

extension Timestamp {
    /// Reads an HTTP date in any of its three forms (RFC 9110, section 5.6.7); the day of the week is not looked at.
    /// - Parameter now: a year of two digits that would be more than 50 years after it is in the century before.
    package init?(httpDate text: String, now: Timestamp) {
        let parts = text.split(separator: " ")
        let civil: CivilTime?
        switch (parts.count, parts.last) {
        case (6, "GMT"):  // Sun, 06 Nov 1994 08:49:37 GMT
            civil = CivilTime(year: parts[3], month: parts[2], day: parts[1], time: parts[4])
        case (4, "GMT"):  // Sunday, 06-Nov-94 08:49:37 GMT
            let date = parts[1].split(separator: "-")
            guard date.count == 3, let year = Self.number(date[2], digits: 2...2) else { return nil }
            let thisYear = CivilTime(now).year
            let full = year + thisYear / 100 * 100
            let past = full > thisYear + 50 ? full - 100 : full
            civil = CivilTime(year: Substring("\(past)"), month: date[1], day: date[0], time: parts[2])
        case (5, _):  // Sun Nov  6 08:49:37 1994
            civil = CivilTime(year: parts[4], month: parts[1], day: parts[2], time: parts[3])
        default:
            return nil
        }
        guard let civil else { return nil }
        self = civil.timestamp
    }

    fileprivate static func number(_ text: Substring, digits: ClosedRange<Int>) -> Int? {
        guard digits.contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text)
    }
}

extension CivilTime {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    fileprivate init?(year: Substring, month: Substring, day: Substring, time: Substring) {
        let parts = time.split(separator: ":", omittingEmptySubsequences: false)
            .map { Timestamp.number($0, digits: 2...2) ?? .max }
        guard let year = Timestamp.number(year, digits: 4...4), let month = Self.months.firstIndex(of: String(month)),
            let day = Timestamp.number(day, digits: 1...2), day > 0, day <= Self.days(inMonth: month + 1, year: year),
            parts.count == 3, parts[0] < 24, parts[1] < 60, parts[2] <= 60
        else { return nil }
        self.init(year: year, month: month + 1, day: day, hour: parts[0], minute: parts[1], second: parts[2])
    }
}
