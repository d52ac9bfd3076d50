/// The days that the two fields for days name.
struct CronDays: Sendable, Equatable {
    private var ofMonth = CronSet()
    private var isLastOfMonth = false
    /// `15W`: the working day nearest to the 15th, within the month.
    private var workdays = CronSet()
    private var ofWeek = CronSet()
    /// `5#2`: by the week in the month, from 1.
    private var numbered: [Int: CronSet] = [:]
    /// `5L`: the last of its kind in the month.
    private var lastOfWeek = CronSet()
    private let anyOfMonth: Bool
    private let anyOfWeek: Bool

    init(ofMonth month: String, ofWeek week: String) throws(CronFault) {
        anyOfMonth = month == "*" || month == "?"
        anyOfWeek = week == "*" || week == "?"
        for part in month.split(separator: ",", omittingEmptySubsequences: false) {
            let upper = part.uppercased()
            if upper == "L" {
                isLastOfMonth = true
            } else if upper.hasSuffix("W") {
                guard let day = CronField.number(part.dropLast()), CronField.dayOfMonth.range.contains(day) else {
                    throw CronField.dayOfMonth.fault(part, "W stands behind a day, as in 15W")
                }
                workdays.insert(day)
            } else {
                try CronField.dayOfMonth.add(part, to: &ofMonth)
            }
        }
        for part in week.split(separator: ",", omittingEmptySubsequences: false) {
            let field = CronField.dayOfWeek
            if let mark = part.firstIndex(of: "#") {
                guard let number = CronField.number(part[part.index(after: mark)...]), (1...5).contains(number) else {
                    throw field.fault(part, "behind # stands 1 to 5")
                }
                numbered[number, default: CronSet()].insert(try field.value(part[..<mark], part) % 7)
            } else if part.count > 1, part.last == "L" || part.last == "l", CronField.number(part.dropLast()) != nil {
                lastOfWeek.insert(try field.value(part.dropLast(), part) % 7)
            } else if part.count > 1, part.first == "L" || part.first == "l" {
                lastOfWeek.insert(try field.value(part.dropFirst(), part) % 7)
            } else {
                try field.add(part, to: &ofWeek)
            }
        }
        if ofWeek.contains(7) { ofWeek.insert(0) }
    }

    func contains(_ day: LocalDay) -> Bool {
        if anyOfMonth { return isInWeek(day) }
        if anyOfWeek { return isInMonth(day) }
        return isInMonth(day) || isInWeek(day)
    }

    private func isInMonth(_ day: LocalDay) -> Bool {
        if ofMonth.contains(day.day) { return true }
        let length = day.lengthOfMonth
        if isLastOfMonth, day.day == length { return true }
        if workdays.isEmpty { return false }
        return (1...31).contains { workdays.contains($0) && Self.workday(nearest: $0, length, day) == day.day }
    }

    private func isInWeek(_ day: LocalDay) -> Bool {
        let weekday = day.weekday
        if ofWeek.contains(weekday) { return true }
        if numbered[(day.day - 1) / 7 + 1]?.contains(weekday) == true { return true }
        return lastOfWeek.contains(weekday) && day.day + 7 > day.lengthOfMonth
    }

    /// In a month that has no such day, of its last one.
    private static func workday(nearest day: Int, _ length: Int, _ month: LocalDay) -> Int {
        let wanted = min(day, length)
        switch LocalDay(year: month.year, month: month.month, day: wanted).weekday {
        case 6: return wanted > 1 ? wanted - 1 : wanted + 2
        case 0: return wanted < length ? wanted + 1 : wanted - 2
        default: return wanted
        }
    }
}
