package import MySQL

/// What becomes of runs that could not be made in time, because no instance or no database was there.
package enum MissedRuns: String, Sendable, CaseIterable {
    case skip
    /// One, at once, for all of them.
    case runOnce = "run_once"
    /// The oldest of them, up to a limit, at once.
    case runAll = "run_all"
}

/// What becomes of a run that is due while the last one is not finished.
package enum Overlap: String, Sendable, CaseIterable {
    case allow
    case skip
}

/// A schedule as somebody asked for it, checked.
package struct NewSchedule: Sendable, Equatable {
    package var name: String
    package var rule: ScheduleRule
    /// No run before it.
    package var startsAt: Timestamp?
    /// No run after it.
    package var endsAt: Timestamp?
    package var missed: MissedRuns
    package var missedLimit: Int
    package var overlap: Overlap
    /// Each run comes up to so much later, evenly spread.
    package var jitter: Duration
    /// What each run is; its plan time is of no meaning.
    package var task: NewTask
}

extension NewSchedule {
    /// The labels that tell a task's schedule and the time of its run.
    package static let nameLabel = "schedule"
    package static let runLabel = "schedule_run"

    /// The first run after a time, within the schedule's bounds.
    package func next(after time: Timestamp) -> Timestamp? {
        var time = time
        // A run may be at the very beginning.
        if let startsAt, time < startsAt { time = startsAt - .microseconds(1) }
        guard let next = rule.next(after: time), endsAt.map({ next <= $0 }) ?? true else { return nil }
        return next
    }

    /// How long before a run its task is made. A run that may be left out has to be decided on at the last moment.
    var lead: Duration { overlap == .allow ? .seconds(5) : .milliseconds(100) }

    /// The task of one run.
    /// - Parameter planTime: nil: the run's own time.
    package func task(for run: Timestamp, planTime: Timestamp? = nil) -> NewTask {
        var task = task
        task.planTime = planTime ?? run + delay(of: run)
        task.labels[Self.nameLabel] = name
        task.labels[Self.runLabel] = run.rfc3339
        return task
    }

    /// The same for the same run, whoever makes it: FNV-1a of name and time.
    private func delay(of run: Timestamp) -> Duration {
        let range = UInt64(jitter.microseconds)
        guard range > 0 else { return .zero }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in "\(name) \(run.microseconds)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash ^= hash >> 32
        return .microseconds(Int64(hash % (range + 1)))
    }
}

/// A schedule as the table holds it.
package struct Schedule: Sendable, Equatable {
    package var id: Int
    package var schedule: NewSchedule
    /// The next run whose task is not made yet; nil: it is paused or at its end.
    package var nextAt: Timestamp?
    package var pausedAt: Timestamp?
    package var lastRunAt: Timestamp?
    package var lastTask: TaskID?
    /// Tasks that were made.
    package var runs: Int
    /// Runs that were left out: missed, or while another was not finished.
    package var skipped: Int
    /// Counts the changes made by people and programs, from 1.
    package var version: Int
    package var createdAt: Timestamp
    package var updatedAt: Timestamp
}
