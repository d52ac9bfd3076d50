package import MySQL

/// What happened in the last hour, what is due in the next one, and what should have happened already.
package struct Overview: Sendable, Equatable {
    package struct Minute: Sendable, Equatable {
        package var start: Timestamp
        package var attempts: AttemptFigures
    }

    /// By the database's clock.
    package var now: Timestamp
    /// The last 60 complete minutes and the running one, oldest first; by the end of the attempts.
    package var minutes: [Minute]
    /// The running minute and the four before it.
    package var recent: AttemptFigures
    /// Attempts a second in the same time.
    package var callsPerSecond: Double
    /// The next 60 minutes, the rest of the running one first: tasks that wait, and how many of them are due in each.
    package var due: [DueCounts.Minute]
    /// Tasks that wait though their plan time has passed.
    package var overdue: Estimate

    package static let minutesBack = 60
    package static let minutesAhead = 60
    private static let recentMinutes = 5

    package init(now: Timestamp, counts: [LatenessCount], due: DueCounts) {
        self.now = now
        let byMinute = Dictionary(grouping: counts, by: \.minute)
        let starts = (0...Self.minutesBack).reversed().map { now.minute - .seconds(60 * $0) }
        minutes = starts.map { Minute(start: $0, attempts: AttemptFigures(byMinute[$0] ?? [])) }
        let recentStarts = starts.suffix(Self.recentMinutes)
        recent = AttemptFigures(recentStarts.flatMap { byMinute[$0] ?? [] })
        let span = now - recentStarts[recentStarts.startIndex]
        callsPerSecond = Double(recent.total) / (Double(span.microseconds) / 1_000_000)
        self.due = due.minutes
        overdue = due.overdue
    }
}
