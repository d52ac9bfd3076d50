import MySQL
import Scheduler

/// How figures look on the pages.
extension Texts {
    /// With a separator for each three digits.
    func number(_ value: Int) -> String {
        var digits = ""
        for (index, digit) in String(value.magnitude).reversed().enumerated() {
            if index > 0, index % 3 == 0 { digits.append(",") }
            digits.append(digit)
        }
        return (value < 0 ? "-" : "") + String(digits.reversed())
    }

    /// A number that was not counted says so.
    func number(_ estimate: Estimate) -> String {
        (estimate.isExact ? "" : "≈ ") + number(estimate.count)
    }

    /// A rate with one decimal.
    func decimal(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(number(tenths / 10)).\(abs(tenths % 10))"
    }

    /// A length of time in the unit that suits it.
    func length(microseconds: Int) -> String {
        switch microseconds {
        case ..<1000: return "\(microseconds) µs"
        case ..<1_000_000: return "\(decimals(microseconds, 1000)) ms"
        case ..<60_000_000: return "\(decimals(microseconds, 1_000_000)) s"
        case ..<3_600_000_000: return "\(decimals(microseconds, 60_000_000)) min"
        case ..<172_800_000_000: return "\(decimals(microseconds, 3_600_000_000)) h"
        default: return "\(decimals(microseconds, 86_400_000_000)) d"
        }
    }

    /// The upper bound of a bucket; the last has none.
    func bound(microseconds: Int?) -> String {
        guard let microseconds else { return nothing }
        return microseconds > 3_600_000_000 ? "> 1 h" : "≤ " + length(microseconds: microseconds)
    }

    /// In the place of a figure that is not there.
    var nothing: String { "–" }

    func length(_ duration: Duration) -> String { length(microseconds: Int(duration.microseconds)) }

    private func decimals(_ value: Int, _ unit: Int) -> String {
        let hundredths = (value * 100 + unit / 2) / unit
        let whole = number(hundredths / 100)
        return hundredths % 100 == 0 ? whole : "\(whole).\(String(100 + hundredths % 100).dropFirst())"
    }
}

/// A time on a page: for people, and as the element `time` wants it.
struct ShownTime {
    let iso: String
    let text: String

    /// UTC, to the millisecond.
    init(_ time: Timestamp) {
        iso = time.rfc3339
        let civil = CivilTime(time)
        func two(_ number: Int) -> String { String(100 + number).suffix(2).description }
        text =
            "\(civil.year)-\(two(civil.month))-\(two(civil.day)) \(two(civil.hour)):\(two(civil.minute)):\(two(civil.second))"
            + ".\(String(1000 + civil.microsecond / 1000).dropFirst())"
    }
}
