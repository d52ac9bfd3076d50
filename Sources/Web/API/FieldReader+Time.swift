import MySQL
import Scheduler

extension FieldReader {
    /// RFC 3339 text, or a number of seconds since 1970.
    func time(_ name: String, _ faults: inout FieldFaults) -> Timestamp? {
        guard let value = value(name) else { return nil }
        do {
            switch value {
            case .string(let text): return try Timestamp(apiText: text)
            case .number(let text): return try Timestamp(unixSeconds: text)
            default:
                faults.malformed.append(
                    FieldProblem(path(name), "must be RFC 3339 text or a number of unix seconds, not \(value.kind)"))
            }
        } catch {
            faults.refused.append(FieldProblem(path(name), error.detail))
        }
        return nil
    }

    /// A time or null. - Returns: nil when it is not there or wrong.
    func nullableTime(_ name: String, _ faults: inout FieldFaults) -> Timestamp?? {
        if value(name) == .null { return .some(nil) }
        return time(name, &faults).map { .some($0) }
    }

    /// An array of numbers of seconds with up to three decimals.
    func seconds(_ name: String, _ faults: inout FieldFaults) -> [Double]? {
        guard let value = value(name) else { return nil }
        guard case .array(let elements) = value else {
            faults.malformed.append(FieldProblem(path(name), "must be an array of numbers, not \(value.kind)"))
            return nil
        }
        var seconds: [Double] = []
        for (index, element) in elements.enumerated() {
            if let number = Self.seconds(element, "\(path(name))[\(index)]", &faults) { seconds.append(number) }
        }
        return seconds
    }

    /// A number of seconds with up to three decimals.
    func duration(_ name: String, _ faults: inout FieldFaults) -> Double? {
        value(name).flatMap { Self.seconds($0, path(name), &faults) }
    }

    private static func seconds(_ value: JSONValue, _ field: String, _ faults: inout FieldFaults) -> Double? {
        guard case .number(let text) = value else {
            faults.malformed.append(FieldProblem(field, "must be a number of seconds, not \(value.kind)"))
            return nil
        }
        guard let number = Double(text), number >= 0, number < 1e9 else {
            faults.refused.append(FieldProblem(field, "must be 0 or more seconds"))
            return nil
        }
        guard (number * 1000).rounded() / 1000 == number else {
            faults.refused.append(FieldProblem(field, "must not have more than three decimals"))
            return nil
        }
        return number
    }
}

/// Why a text is no time.
struct TimeFault: Error, Equatable {
    let detail: String
}

extension Timestamp {
    /// 1970 to 9999: what a time may be that somebody sends.
    private static let accepted = Timestamp(microseconds: 0)...Timestamp.range.upperBound

    private static let form = TimeFault(
        detail: "must be a time of RFC 3339 (2026-11-20T10:00:00.250Z) or a number of unix seconds")
    private static let bounds = TimeFault(detail: "must be between the years 1970 and 9999")

    init(apiText text: String) throws(TimeFault) {
        guard let time = Timestamp(rfc3339: text) else { throw Self.form }
        guard Self.accepted.contains(time) else { throw Self.bounds }
        self = time
    }

    /// A decimal number, exact to the microsecond; what is finer is cut.
    init(unixSeconds text: String) throws(TimeFault) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = Int64(parts[0]), parts[0].utf8.count <= 15, !text.utf8.contains(where: { $0 | 0x20 == 0x65 })
        else {
            // An exponent, or far out of bounds.
            guard let number = Double(text), number.isFinite else { throw Self.form }
            guard number >= 0, number < 253_402_300_800 else { throw Self.bounds }
            self.init(microseconds: Int64((number * 1_000_000).rounded(.down)))
            return
        }
        var fraction: Int64 = 0
        if parts.count == 2 {
            let digits = parts[1].utf8.prefix(6)
            guard let number = Int64(parts[1].prefix(6)), parts[1].first != "-", parts[1].first != "+" else {
                throw Self.form
            }
            fraction = (digits.count..<6).reduce(number) { number, _ in number * 10 }
        }
        guard text.first != "-", whole < 253_402_300_800 else { throw Self.bounds }
        self.init(microseconds: whole * 1_000_000 + fraction)
    }

    /// A time in a query string: either form; a plus sign that was taken for a blank is put back.
    init(queryText text: String) throws(TimeFault) {
        let year = text.utf8.prefix(5)
        let isDate =
            year.count == 5 && year.last == UInt8(ascii: "-") && year.dropLast().allSatisfy { 0x30...0x39 ~= $0 }
        if let first = text.first, first.isNumber || first == "-", !isDate {
            try self.init(unixSeconds: text)
        } else if text.utf8.count > 20, let blank = text.lastIndex(of: " "), text[..<blank].contains(":") {
            try self.init(apiText: text.replacing(" ", with: "+", at: blank))
        } else {
            try self.init(apiText: text)
        }
    }
}

extension String {
    fileprivate func replacing(_ old: Character, with new: String, at index: Index) -> String {
        String(self[..<index]) + new + String(self[self.index(after: index)...])
    }
}
