package import MySQL

/// Which runs of a schedule are to be made now, and where it goes on.
package struct RunPlan: Sendable, Equatable {
    package struct Run: Sendable, Equatable {
        /// When it was to be.
        package var time: Timestamp
        /// It comes after its time: at once.
        package var isMissed: Bool
    }

    package private(set) var runs: [Run] = []
    package private(set) var skipped = 0
    /// The next run to be made; nil: there is none.
    package private(set) var next: Timestamp?

    /// What is late by less is not missed.
    package static let grace: Duration = .seconds(10)
    /// Runs in time that are made in one go.
    static let most = 100

    /// - Parameters:
    ///   - next: the first run that is not made.
    ///   - horizon: how far ahead runs are made.
    ///   - lastIsLive: whether the last run's task is not finished.
    package init(_ schedule: NewSchedule, next: Timestamp, now: Timestamp, horizon: Timestamp, lastIsLive: Bool) {
        var time: Timestamp? = next
        if let first = time, first < now - Self.grace { time = makeUp(schedule, from: first, until: now - Self.grace) }
        var count = 0
        while let run = time, run <= horizon, count < Self.most {
            runs.append(Run(time: run, isMissed: false))
            count += 1
            time = schedule.next(after: run)
        }
        self.next = time
        if schedule.overlap == .skip {
            let allowed = lastIsLive ? 0 : min(1, runs.count)
            skipped += runs.count - allowed
            runs.removeLast(runs.count - allowed)
        }
    }

    /// - Returns: the first run that is not missed.
    private mutating func makeUp(_ schedule: NewSchedule, from first: Timestamp, until end: Timestamp) -> Timestamp? {
        var time: Timestamp? = first
        let limit =
            switch schedule.missed {
            case .skip: 0
            case .runOnce: 1
            case .runAll: schedule.missedLimit
            }
        while let run = time, run < end, runs.count < limit {
            runs.append(Run(time: run, isMissed: true))
            time = schedule.next(after: run)
        }
        guard let run = time, run < end else { return time }
        // They may be very many, so they are not counted one by one.
        skipped += 1
        return schedule.next(after: end - .microseconds(1))
    }
}
