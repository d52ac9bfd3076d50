package import MySQL

/// A cron expression by the clocks of a zone.
///
/// When clocks are put forward, what was to come in the hour that is left out comes at the first moment after it, once;
/// when they are put back, what comes in the hour that is there twice comes the first time only. An expression whose hour
/// is written with `*` goes by real time instead: nothing is made up for, and it comes in both hours.
package struct ZonedCron: Sendable, Equatable {
    package let expression: CronExpression
    package let zone: TimeZone

    package init(_ expression: CronExpression, _ zone: TimeZone) {
        self.expression = expression
        self.zone = zone
    }

    /// The first time after `time`; nil: none before the year 9999.
    package func next(after time: Timestamp) -> Timestamp? {
        // Whole seconds, rounded down, and one on.
        var seconds = time.microseconds / 1_000_000
        if time.microseconds < 0, time.microseconds % 1_000_000 != 0 { seconds -= 1 }
        return next(from: seconds + 1).map { Timestamp(microseconds: $0 * 1_000_000) }
    }

    private static let end = Timestamp.range.upperBound.microseconds / 1_000_000

    private func next(from time: Int64) -> Int64? {
        var time = time
        while time <= Self.end {
            let span = zone.span(at: time)
            var local = time + span.offset
            if let start = span.start, !expression.isHourly {
                if span.offset > span.offsetBefore, time == start,
                    let skipped = expression.next(from: start + span.offsetBefore), skipped < start + span.offset
                {
                    return start
                }
                // Shown before by the same clocks.
                local = max(local, start + span.offsetBefore)
            }
            guard let found = expression.next(from: local) else { return nil }
            guard let end = span.end, found >= end + span.offset else {
                return found - span.offset <= Self.end ? found - span.offset : nil
            }
            // Nothing comes before it by any clock of the zone.
            time = max(end, found - span.offset - 2 * 86_400)
        }
        return nil
    }
}
