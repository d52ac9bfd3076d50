import MySQL
import Scheduler

extension ScheduleDraft {
    static let fields = [
        "cron", "timezone", "every_s", "times", "starts_at", "ends_at", "missed", "missed_limit", "overlap",
        "jitter_ms",
        "task",
    ]

    /// Reads the document of `POST /v1/schedules`, or of `PUT /v1/schedules/{name}`.
    /// - Parameter name: of the path; nil: the document has it.
    /// - Throws: everything wrong with it at once.
    static func read(_ document: JSONValue, name: String?) throws(Problem) -> (ScheduleDraft, isPaused: Bool) {
        var draft = ScheduleDraft()
        var faults = FieldFaults()
        var isPaused = false
        let accepted = (name == nil ? ["name", "paused"] : []) + fields
        if let reader = FieldReader(document, at: "", accepts: accepted, &faults) {
            draft.name = name ?? reader.string("name", &faults)
            if name == nil { isPaused = reader.flag("paused", &faults) ?? false }
            draft.cron = reader.string("cron", &faults)
            draft.timezone = reader.string("timezone", &faults)
            draft.every = reader.number("every_s", &faults)
            draft.times = reader.times("times", &faults)
            if reader.value("starts_at") != .null { draft.startsAt = reader.time("starts_at", &faults) }
            if reader.value("ends_at") != .null { draft.endsAt = reader.time("ends_at", &faults) }
            draft.missed = reader.string("missed", &faults)
            draft.missedLimit = reader.integer("missed_limit", &faults)
            draft.overlap = reader.string("overlap", &faults)
            draft.jitterMilliseconds = reader.integer("jitter_ms", &faults)
            if let value = reader.value("task") {
                draft.task = TaskDraft(template: value, at: "task", &faults)
            } else {
                faults.malformed.append(FieldProblem("task", "is missing"))
            }
        }
        if let problem = faults.problem { throw problem }
        return (draft, isPaused)
    }
}

extension FieldReader {
    /// With up to three decimals.
    fileprivate func number(_ name: String, _ faults: inout FieldFaults) -> Double? {
        guard let value = value(name) else { return nil }
        guard case .number(let text) = value, let number = Double(text) else {
            faults.malformed.append(FieldProblem(path(name), "must be a number, not \(value.kind)"))
            return nil
        }
        guard (number * 1000).rounded() / 1000 == number else {
            faults.refused.append(FieldProblem(path(name), "must not have more than three decimals"))
            return nil
        }
        return number
    }

    fileprivate func times(_ name: String, _ faults: inout FieldFaults) -> [Timestamp]? {
        elements(name, of: "times", &faults) { element, field, faults in
            do throws(TimeFault) {
                switch element {
                case .string(let text): return try Timestamp(apiText: text)
                case .number(let text): return try Timestamp(unixSeconds: text)
                default:
                    faults.malformed.append(
                        FieldProblem(field, "must be RFC 3339 text or a number of unix seconds, not \(element.kind)"))
                }
            } catch {
                faults.refused.append(FieldProblem(field, error.detail))
            }
            return nil
        }
    }
}

extension Schedule {
    /// The schedule as the API shows it.
    func write(to writer: inout JSONWriter) {
        let schedule = schedule
        writer.object { writer in
            writer.member("name", schedule.name)
            writer.member("cron", schedule.rule.cronText)
            writer.member("timezone", schedule.rule.cronText == nil ? nil : schedule.rule.zone.name)
            if case .every(let interval, _) = schedule.rule {
                writer.member("every_s", number: RetrySchedule.secondsText(interval))
            } else {
                writer.member("every_s", JSONValue.null)
            }
            if case .times(let times) = schedule.rule {
                writer.array("times") { writer in
                    for time in times { writer.string(time.rfc3339) }
                }
            } else {
                writer.member("times", JSONValue.null)
            }
            writer.member("starts_at", schedule.startsAt?.rfc3339)
            writer.member("ends_at", schedule.endsAt?.rfc3339)
            writer.member("missed", schedule.missed.rawValue)
            writer.member("missed_limit", schedule.missedLimit)
            writer.member("overlap", schedule.overlap.rawValue)
            writer.member("jitter_ms", Int(schedule.jitter.microseconds / 1000))
            writer.object("task") { schedule.task.writeTemplate(to: &$0) }
            writer.member("next_at", nextAt?.rfc3339)
            writer.member("paused_at", pausedAt?.rfc3339)
            writer.member("last_run_at", lastRunAt?.rfc3339)
            writer.member("last_task_id", lastTask?.description)
            writer.member("runs", runs)
            writer.member("skipped", skipped)
            writer.member("version", version)
            writer.member("created_at", createdAt.rfc3339)
            writer.member("updated_at", updatedAt.rfc3339)
        }
    }
}

extension ScheduleRule {
    var cronText: String? {
        if case .cron(let cron) = self { cron.expression.text } else { nil }
    }
}
