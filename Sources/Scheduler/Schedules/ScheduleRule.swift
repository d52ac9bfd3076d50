package import MySQL

/// When a schedule's runs are.
package enum ScheduleRule: Sendable, Equatable {
    case cron(ZonedCron)
    /// At `from`, and then each so long after it.
    case every(Duration, from: Timestamp)
    /// In order.
    case times([Timestamp])

    /// The first run after a time; nil: there is none.
    package func next(after time: Timestamp) -> Timestamp? {
        switch self {
        case .cron(let cron): return cron.next(after: time)
        case .every(let interval, let start):
            if time < start { return start }
            let (passed, step) = ((time - start).microseconds, interval.microseconds)
            let next = start.microseconds + (passed / step + 1) * step
            return next <= Timestamp.range.upperBound.microseconds ? Timestamp(microseconds: next) : nil
        case .times(let times): return times.first { $0 > time }
        }
    }

    package var zone: TimeZone {
        if case .cron(let cron) = self { cron.zone } else { .utc }
    }
}

extension ScheduleRule {
    /// In the form of `schedules.rule`.
    var stored: (kind: String, text: String) {
        switch self {
        case .cron(let cron): ("cron", cron.expression.text)
        case .every(let interval, let start): ("every", "\(interval.microseconds / 1000) \(start.microseconds)")
        case .times(let times): ("times", times.map { "\($0.microseconds)" }.joined(separator: " "))
        }
    }

    /// - Returns: nil for what this version, or the zones of this machine, do not know.
    init?(kind: String, text: String, timezone: String, zones: ZoneDatabase = .system) {
        let numbers = text.split(separator: " ").compactMap { Int64($0) }
        switch kind {
        case "cron":
            // Checked when it was made; another machine may lack the zone.
            guard let expression = try? CronExpression(text), let zone = zones.zone(timezone) else { return nil }
            self = .cron(ZonedCron(expression, zone))
        case "every":
            guard numbers.count == 2, numbers[0] > 0 else { return nil }
            self = .every(.milliseconds(numbers[0]), from: Timestamp(microseconds: numbers[1]))
        case "times": self = .times(numbers.map(Timestamp.init(microseconds:)))
        default: return nil
        }
    }
}
