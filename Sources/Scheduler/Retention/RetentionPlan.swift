package import MySQL

/// Which days of history are removed, and how.
package struct RetentionPlan: Sendable {
    package enum Verdict: Sendable, Equatable {
        /// Nothing in it is needed: its partitions are dropped.
        case remove
        /// It stays for the sake of a few; the others are deleted one by one.
        case thin
        case wait(until: Timestamp)
    }

    package let now: Timestamp
    /// How long what has ended is kept.
    package let days: Int

    /// - Parameter days: at least 1.
    package init(now: Timestamp, days: Int) {
        (self.now, self.days) = (now, days)
    }

    private static let day: Duration = .seconds(86_400)

    /// What ended before is kept no longer.
    package var limit: Timestamp { now - Self.day * days }

    /// How long a day may be kept beyond its time before it is thinned. Most days need not be: what is created on one is
    /// mostly over within a few more.
    package var patience: Duration { Self.day * min(7, max(1, days / 4)) }

    /// The days to look at, oldest first. Of the last partition, which has no end, that part which is long over: nothing
    /// of it would be there if partitions had been made.
    package func due(_ days: [HistoryDay], _ notes: [HistoryNote]) -> [HistoryDay] {
        let known = Dictionary(notes.map { ($0.day, $0.lookAgainAt) }) { first, _ in first }
        return days.compactMap { day in
            if let again = known[day.name], again > now { return nil }
            guard let to = day.to else {
                let end = TaskID.lowerBound(limit - patience)
                return day.from < end ? day : nil
            }
            return to.time <= limit ? day : nil
        }
    }

    /// Whether all of a day has to be looked at, or only as much as tells that it cannot be removed.
    package func canBeThinned(_ day: HistoryDay) -> Bool {
        guard let to = day.to else { return true }
        return to.time + patience <= limit
    }

    package func verdict(_ day: HistoryDay, _ survey: HistorySurvey) -> Verdict {
        let isOver = !survey.hasOpen && survey.newestFinish.map { $0 < limit } ?? true
        if isOver, day.to != nil { return .remove }
        if canBeThinned(day), survey.ended > 0 { return .thin }
        let tomorrow = now + Self.day
        if survey.hasOpen { return .wait(until: tomorrow) }
        // The configuration may change until then.
        return .wait(until: min(tomorrow, survey.newestFinish.map { $0 + Self.day * days } ?? tomorrow))
    }
}
