/// What a field of a cron expression may hold.
struct CronField {
    let name: String
    let range: ClosedRange<Int>
    var names: [String] = []

    static let second = CronField(name: "second", range: 0...59)
    static let minute = CronField(name: "minute", range: 0...59)
    static let hour = CronField(name: "hour", range: 0...23)
    static let dayOfMonth = CronField(name: "day of month", range: 1...31)
    static let month = CronField(
        name: "month", range: 1...12,
        names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
    /// 0 and 7 are Sunday.
    static let dayOfWeek = CronField(
        name: "day of week", range: 0...7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"])

    func set(_ text: String) throws(CronFault) -> CronSet {
        var set = CronSet()
        for part in text.split(separator: ",", omittingEmptySubsequences: false) { try add(part, to: &set) }
        return set
    }

    /// Adds what one element of a list names: `*`, `5`, `1-5`, `22-2`, `*/15`, `1-31/2`, `5/10`.
    func add(_ part: Substring, to set: inout CronSet) throws(CronFault) {
        let pieces = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var step = 1
        if pieces.count == 2 {
            guard let number = Self.number(pieces[1]), (1...range.upperBound).contains(number) else {
                throw fault(part, "a step is a number from 1 to \(range.upperBound)")
            }
            step = number
        }
        // Sunday's second number is not another day.
        let last = names.count == 7 ? 6 : range.upperBound
        let bounds = pieces[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let from: Int
        var to: Int
        if pieces[0] == "*" || (pieces[0] == "?" && name.hasPrefix("day")) {
            (from, to) = (range.lowerBound, last)
        } else if bounds.count == 2 {
            (from, to) = (try value(bounds[0], part), try value(bounds[1], part))
        } else {
            from = try value(pieces[0], part)
            to = pieces.count == 2 ? last : from
        }
        let count = last - range.lowerBound + 1
        // A range that ends before it begins goes on from the beginning.
        if to < from { to += count }
        for number in stride(from: from, through: to, by: step) {
            set.insert((number - range.lowerBound) % count + range.lowerBound)
        }
    }

    func value(_ text: Substring, _ part: Substring) throws(CronFault) -> Int {
        if let index = names.firstIndex(of: text.lowercased()) { return index + (names.count == 7 ? 0 : 1) }
        guard let number = Self.number(text), range.contains(number) else {
            let words = names.isEmpty ? "" : ", or \(names[0]) to \(names[names.count - 1])"
            throw fault(part, "accepted are \(range.lowerBound) to \(range.upperBound)\(words)")
        }
        return number
    }

    static func number(_ text: Substring) -> Int? {
        guard (1...2).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }

    func fault(_ part: Substring, _ detail: String) -> CronFault {
        CronFault("\(name): \(part.isEmpty ? "nothing" : String(part)) is not understood; \(detail)")
    }
}
