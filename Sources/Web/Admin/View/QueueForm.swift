import MySQL
import Scheduler

/// The form with the settings of a queue: what stands in its fields. An empty field takes the setting away.
struct QueueForm {
    var priority = ""
    var weight = ""
    var maxConcurrency = ""
    var rate = ""
    var burst = ""
    var maxRetries = ""
    var delays = ""
    var timeout = ""
    var successRule = ""

    /// A rule that only programs can set, and that stays when it is not changed.
    private static let custom = "custom"

    init(_ settings: QueueSettings) {
        priority = "\(settings.priority)"
        weight = "\(settings.weight)"
        maxConcurrency = settings.maxConcurrency.map { "\($0)" } ?? ""
        rate = settings.ratePerSecond.map { "\($0)" } ?? ""
        burst = settings.burst.map { "\($0)" } ?? ""
        maxRetries = settings.defaults.retrySchedule.map { "\($0.maxRetries)" } ?? ""
        delays = settings.defaults.retrySchedule?.delayText ?? ""
        timeout = settings.defaults.timeout.map { "\($0.microseconds / 1000)" } ?? ""
        successRule = settings.defaults.successRule?.storedName ?? ""
    }

    init(_ fields: FormFields) {
        func text(_ name: String) -> String { fields[name] ?? "" }
        priority = text("priority")
        weight = text("weight")
        maxConcurrency = text("max_concurrency")
        rate = text("rate_per_second")
        burst = text("burst")
        maxRetries = text("max_retries")
        delays = text("delays")
        timeout = text("timeout_ms")
        successRule = text("success_rule")
    }

    func rules(_ texts: Texts) -> [FormChoice] {
        var choices = [FormChoice("", texts("as_configured"), isChosen: successRule.isEmpty)]
        choices += SuccessRule.NamedRule.allCases.map { rule in
            FormChoice(rule.rawValue, texts("rule_\(rule.rawValue)"), isChosen: successRule == rule.rawValue)
        }
        if successRule == Self.custom {
            choices.append(FormChoice(Self.custom, texts("rule_of_its_own"), isChosen: true))
        }
        return choices
    }

    /// - Throws: what is no number.
    func patch() throws(ValidationError) -> QueuePatch {
        var problems: [FieldProblem] = []
        var patch = QueuePatch()
        func integer(_ field: String, _ text: String) -> Int? {
            let text = text.filter { $0 != " " }
            if text.isEmpty { return nil }
            let number = Int(text)
            if number == nil { problems.append(FieldProblem(field, "must be a whole number")) }
            return number
        }
        patch.priority = integer("priority", priority) ?? 0
        patch.weight = integer("weight", weight) ?? 1
        patch.maxConcurrency = .some(integer("max_concurrency", maxConcurrency))
        patch.ratePerSecond = .some(number("rate_per_second", rate, &problems))
        patch.burst = .some(integer("burst", burst))
        patch.timeoutMilliseconds = .some(integer("defaults.timeout_ms", timeout))
        let retries = integer("defaults.retry.max_retries", maxRetries)
        let parts = delays.split(separator: ",")
        let seconds = parts.compactMap { number("defaults.retry.delays", String($0), &problems) }
        patch.retry = .some(
            retries == nil && parts.isEmpty
                ? nil : QueuePatch.RetryDraft(maxRetries: retries, delays: parts.isEmpty ? nil : seconds))
        if successRule != Self.custom {
            patch.success = .some(successRule.isEmpty ? nil : QueuePatch.SuccessDraft(rule: successRule))
        }
        guard problems.isEmpty else { throw ValidationError(problems) }
        return patch
    }

    private func number(_ field: String, _ text: String, _ problems: inout [FieldProblem]) -> Double? {
        let text = text.filter { $0 != " " }
        if text.isEmpty { return nil }
        guard let number = Double(text), number.isFinite else {
            problems.append(FieldProblem(field, "must be a number"))
            return nil
        }
        return number
    }
}
