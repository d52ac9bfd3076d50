public import MySQL

extension Timestamp {
    /// `2026-11-20T10:00:00.25Z`: microseconds without trailing zeros.
    public var rfc3339: String {
        let civil = CivilTime(self)
        func pad(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        var fraction = ""
        if civil.microsecond > 0 {
            fraction = "." + pad(civil.microsecond, 6)
            while fraction.last == "0" { fraction.removeLast() }
        }
        return "\(pad(civil.year, 4))-\(pad(civil.month, 2))-\(pad(civil.day, 2))"
            + "T\(pad(civil.hour, 2)):\(pad(civil.minute, 2)):\(pad(civil.second, 2))\(fraction)Z"
    }

    /// Reads RFC 3339: any number of fractional digits (those beyond microseconds are cut), `Z` or an offset.
    public init?(rfc3339 text: String) {
        var rest = Substring(text)[...]
        func number(_ width: Int, _ accepted: ClosedRange<Int>) -> Int? {
            let digits = rest.utf8.prefix(width)
            guard digits.count == width, digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
            rest = rest.dropFirst(width)
            return Int(String(Substring(digits))).flatMap { accepted.contains($0) ? $0 : nil }
        }
        func accept(_ characters: Set<Character>) -> Character? {
            guard let first = rest.first, characters.contains(first) else { return nil }
            rest = rest.dropFirst()
            return first
        }
        guard let year = number(4, 0...9999), accept(["-"]) != nil, let month = number(2, 1...12), accept(["-"]) != nil,
            let day = number(2, 1...31), day <= CivilTime.days(inMonth: month, year: year),
            accept(["T", "t", " "]) != nil, let hour = number(2, 0...23), accept([":"]) != nil,
            let minute = number(2, 0...59), accept([":"]) != nil, let second = number(2, 0...60)
        else { return nil }
        var civil = CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        if accept(["."]) != nil {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard !digits.isEmpty else { return nil }
            rest = rest.dropFirst(digits.count)
            civil.microsecond = Int((digits.prefix(6) + String(repeating: "0", count: max(0, 6 - digits.count))))!
        }
        var offset = 0
        switch accept(["Z", "z", "+", "-"]) {
        case "Z", "z": break
        case "+", "-":
            let isAhead = text[text.index(before: rest.startIndex)] == "+"
            guard let hours = number(2, 0...23), accept([":"]) != nil, let minutes = number(2, 0...59) else {
                return nil
            }
            offset = (hours * 3600 + minutes * 60) * (isAhead ? 1 : -1)
        default: return nil
        }
        guard rest.isEmpty else { return nil }
        self = civil.timestamp - .seconds(offset)
    }
}
