/// A time zone: how its clocks are set against UTC, now and at any other time.
package struct TimeZone: Sendable, Equatable {
    package let name: String
    /// When the offset changes, in order; seconds since 1970.
    private let changes: [Change]
    /// Before the first change.
    private let firstOffset: Int64
    /// After the last one.
    private let rule: ZoneRule?

    struct Change: Sendable, Equatable {
        var at: Int64
        var offset: Int64
    }

    package static let utc = TimeZone(name: "UTC", changes: [], firstOffset: 0, rule: nil)

    init(name: String, changes: [Change], firstOffset: Int64, rule: ZoneRule?) {
        self.name = name
        self.changes = changes
        self.firstOffset = firstOffset
        self.rule = rule
    }

    /// The stretch that a time is in.
    /// - Parameter time: seconds since 1970.
    func span(at time: Int64) -> ZoneSpan {
        if let last = changes.last, time < last.at || rule == nil { return recordedSpan(at: time) }
        guard let rule else { return ZoneSpan(offset: firstOffset, start: nil, end: nil, offsetBefore: firstOffset) }
        // What the rule gives before the last recorded change is not true of that time.
        let floor = changes.last
        var span = rule.span(at: time)
        if let floor, span.start.map({ $0 <= floor.at }) ?? true {
            span.start = floor.at
            span.offsetBefore = changes.count > 1 ? changes[changes.count - 2].offset : firstOffset
        }
        return span
    }

    private func recordedSpan(at time: Int64) -> ZoneSpan {
        var (low, high) = (0, changes.count)
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].at <= time { low = middle + 1 } else { high = middle }
        }
        let end = low < changes.count ? changes[low].at : nil
        guard low > 0 else { return ZoneSpan(offset: firstOffset, start: nil, end: end, offsetBefore: firstOffset) }
        return ZoneSpan(
            offset: changes[low - 1].offset, start: changes[low - 1].at, end: end,
            offsetBefore: low > 1 ? changes[low - 2].offset : firstOffset)
    }
}
