package import MySQL

/// A schedule as somebody asks for it, before it is checked. What is nil takes its default.
package struct ScheduleDraft: Sendable, Equatable {
    package var name: String?
    package var cron: String?
    package var timezone: String?
    /// Seconds.
    package var every: Double?
    package var times: [Timestamp]?
    package var startsAt: Timestamp?
    package var endsAt: Timestamp?
    package var missed: String?
    package var missedLimit: Int?
    package var overlap: String?
    package var jitterMilliseconds: Int?
    package var task = TaskDraft()

    package init() {}
}

/// What a schedule must be like to be accepted.
package struct ScheduleRules: Sendable {
    private let tasks: TaskRules
    private let zones: ZoneDatabase

    static let mostTimes = 1000
    static let missedLimits = 1...1000
    static let intervals = 1.0...31_622_400.0
    static let jitters = 0...86_400_000

    package init(_ configuration: Configuration) {
        self.init(TaskRules(configuration), .system)
    }

    init(_ tasks: TaskRules, _ zones: ZoneDatabase = .system) {
        self.tasks = tasks
        self.zones = zones
    }

    /// Checks all of a draft.
    /// - Throws: every problem at once.
    package func check(_ draft: ScheduleDraft, now: Timestamp) throws(ValidationError) -> NewSchedule {
        var problems: [FieldProblem] = []
        let name = draft.name ?? ""
        if !name.isName(limit: 100) {
            problems.append(FieldProblem("name", "must be 1 to 100 letters, digits, dots, dashes or underscores"))
        }
        let rule = rule(draft, now, &problems)
        let missed = choice("missed", draft.missed, MissedRuns.runOnce, &problems)
        let overlap = choice("overlap", draft.overlap, Overlap.allow, &problems)
        let limit = draft.missedLimit ?? 100
        if !Self.missedLimits.contains(limit) { problems.append(FieldProblem("missed_limit", "must be 1 to 1000")) }
        let jitter = draft.jitterMilliseconds ?? 0
        if !Self.jitters.contains(jitter) {
            problems.append(FieldProblem("jitter_ms", "must be 0 to 86400000, which is a day"))
        }
        if let start = draft.startsAt, let end = draft.endsAt, end < start {
            problems.append(FieldProblem("ends_at", "must not be before starts_at"))
        }
        let task = task(draft.task, now, &problems)
        guard problems.isEmpty, let rule, let task else { throw ValidationError(problems) }
        return NewSchedule(
            name: name, rule: rule, startsAt: draft.startsAt, endsAt: draft.endsAt, missed: missed,
            missedLimit: limit, overlap: overlap, jitter: .milliseconds(jitter), task: task)
    }

    private func task(_ draft: TaskDraft, _ now: Timestamp, _ problems: inout [FieldProblem]) -> NewTask? {
        var draft = draft
        draft.planTime = now
        for label in [NewSchedule.nameLabel, NewSchedule.runLabel] where draft.labels[label] != nil {
            problems.append(FieldProblem("task.labels.\(label)", "is set by the schedule"))
        }
        do throws(ValidationError) {
            return try tasks.check(draft)
        } catch {
            problems += error.problems.map { FieldProblem("task." + $0.field, $0.detail) }
            return nil
        }
    }

    private func rule(_ draft: ScheduleDraft, _ now: Timestamp, _ problems: inout [FieldProblem]) -> ScheduleRule? {
        let given = [draft.cron != nil, draft.every != nil, draft.times != nil].count { $0 }
        guard given == 1 else {
            problems.append(FieldProblem("cron", "one of cron, every_s and times must be there, and one only"))
            return nil
        }
        if draft.cron == nil, draft.timezone != nil {
            problems.append(FieldProblem("timezone", "goes with cron only"))
        }
        if let cron = draft.cron { return self.cron(cron, draft.timezone ?? "UTC", &problems) }
        if let every = draft.every {
            guard Self.intervals.contains(every) else {
                problems.append(FieldProblem("every_s", "must be 1 to 31622400 seconds, which is a year"))
                return nil
            }
            return .every(.milliseconds(Int64((every * 1000).rounded())), from: draft.startsAt ?? now)
        }
        let times = Set(draft.times ?? []).sorted()
        guard (1...Self.mostTimes).contains(times.count) else {
            problems.append(FieldProblem("times", "must hold 1 to \(Self.mostTimes) times"))
            return nil
        }
        return .times(times)
    }

    private func cron(_ text: String, _ timezone: String, _ problems: inout [FieldProblem]) -> ScheduleRule? {
        let zone = zones.zone(timezone)
        if zone == nil {
            problems.append(
                FieldProblem(
                    "timezone", "is not in this machine's zone database; names are as Europe/Berlin, and UTC is there"))
        }
        do throws(CronFault) {
            let expression = try CronExpression(text)
            return zone.map { .cron(ZonedCron(expression, $0)) }
        } catch {
            problems.append(FieldProblem("cron", error.detail))
            return nil
        }
    }

    private func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ field: String, _ text: String?, _ standard: Choice, _ problems: inout [FieldProblem]
    ) -> Choice {
        guard let text else { return standard }
        if let choice = Choice(rawValue: text) { return choice }
        let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        problems.append(FieldProblem(field, "must be one of \(words)"))
        return standard
    }
}
