import MySQL
import Scheduler

/// The form that makes a schedule: what stands in its fields.
struct ScheduleForm {
    var name = ""
    var cron = ""
    var timezone = ""
    var every = ""
    var times = ""
    var missed = MissedRuns.runOnce.rawValue
    var overlap = Overlap.allow.rawValue
    var jitter = ""
    var task = TaskForm()

    init() {
        task.planTime = ""
    }

    init(_ fields: FormFields) {
        func text(_ name: String, _ standard: String = "") -> String { fields[name] ?? standard }
        name = text("name")
        cron = text("cron")
        timezone = text("timezone")
        every = text("every_s")
        times = text("times")
        missed = text("missed", missed)
        overlap = text("overlap", overlap)
        jitter = text("jitter_ms")
        task = TaskForm(fields)
        task.planTime = ""
    }

    func draft(now: Timestamp) throws(ValidationError) -> ScheduleDraft {
        var problems: [FieldProblem] = []
        var draft = ScheduleDraft()
        draft.name = name
        draft.cron = cron.isEmpty ? nil : cron
        draft.timezone = timezone.isEmpty ? nil : timezone
        draft.missed = missed
        draft.overlap = overlap
        if !every.isEmpty {
            draft.every = Double(every)
            if draft.every == nil { problems.append(FieldProblem("every_s", "must be a number of seconds")) }
        }
        if !jitter.isEmpty {
            draft.jitterMilliseconds = Int(jitter)
            if draft.jitterMilliseconds == nil { problems.append(FieldProblem("jitter_ms", "must be a whole number")) }
        }
        let lines = times.split { $0.isWhitespace || $0 == "," }.map(String.init)
        if !lines.isEmpty {
            draft.times = lines.compactMap { try? Timestamp(apiText: $0) }
            if draft.times?.count != lines.count {
                problems.append(FieldProblem("times", "must be times of RFC 3339, one a line"))
            }
        }
        do throws(ValidationError) {
            draft.task = try task.draft(now: now)
        } catch {
            problems += error.problems.map { FieldProblem("task." + $0.field, $0.detail) }
        }
        guard problems.isEmpty else { throw ValidationError(problems) }
        return draft
    }
}
