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
        // By bytes: a character may hold more than the digit it begins with.
        var rest = Array(text.utf8)[...]
        func number(_ width: Int, _ accepted: ClosedRange<Int>) -> Int? {
            let digits = rest.prefix(width)
            guard digits.count == width, digits.allSatisfy(Self.digits.contains) else { return nil }
            rest = rest.dropFirst(width)
            let value = digits.reduce(0) { $0 * 10 + Int($1 - 48) }
            return accepted.contains(value) ? value : nil
        }
        func accept(_ characters: String) -> UInt8? {
            guard let first = rest.first, characters.utf8.contains(first) else { return nil }
            rest = rest.dropFirst()
            return first
        }
        guard let year = number(4, 0...9999), accept("-") != nil, let month = number(2, 1...12), accept("-") != nil,
            let day = number(2, 1...31), day <= CivilTime.days(inMonth: month, year: year),
            accept("Tt ") != nil, let hour = number(2, 0...23), accept(":") != nil,
            let minute = number(2, 0...59), accept(":") != nil, let second = number(2, 0...60)
        else { return nil }
        var civil = CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        if accept(".") != nil {
            let digits = rest.prefix(while: Self.digits.contains)
            guard !digits.isEmpty else { return nil }
            rest = rest.dropFirst(digits.count)
            civil.microsecond = (0..<6).reduce(0) { value, place in
                value * 10 + (place < digits.count ? Int(digits[digits.startIndex + place] - 48) : 0)
            }
        }
        var offset = 0
        switch accept("Zz+-") {
        case UInt8(ascii: "Z"), UInt8(ascii: "z"): break
        case let sign?:
            guard let hours = number(2, 0...23), accept(":") != nil, let minutes = number(2, 0...59) else { return nil }
            offset = (hours * 3600 + minutes * 60) * (sign == UInt8(ascii: "+") ? 1 : -1)
        case nil: return nil
        }
        guard rest.isEmpty else { return nil }
        self = civil.timestamp - .seconds(offset)
    }

    private static let digits: ClosedRange<UInt8> = 48...57
}
