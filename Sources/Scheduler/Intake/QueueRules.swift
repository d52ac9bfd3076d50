/// What the settings of a queue must be like. Field names are those of `/v1`.
package struct QueueRules: Sendable {
    private let tasks: TaskRules

    package init(_ configuration: Configuration) {
        tasks = TaskRules(configuration)
    }

    /// - Throws: when it cannot be a queue's name.
    package static func check(name: String) throws(ValidationError) {
        guard name.isName(limit: 100) else {
            throw ValidationError("name", "must be 1 to 100 letters, digits, dots, dashes or underscores")
        }
    }

    /// Checks a change and applies it.
    /// - Throws: every problem at once.
    package func check(_ patch: QueuePatch, of settings: QueueSettings) throws(ValidationError) -> QueueSettings {
        var problems: [FieldProblem] = []
        var changed = settings
        func accept<T: Comparable>(_ value: T?, _ field: String, _ range: ClosedRange<T>, _ what: String) -> T? {
            guard let value else { return nil }
            if range.contains(value) { return value }
            problems.append(
                FieldProblem(field, "must be \(what) from \(range.lowerBound) to \(range.upperBound)"))
            return nil
        }
        if let value = patch.priority {
            changed.priority = accept(value, "priority", QueueSettings.priorities, "a whole number") ?? 0
        }
        if let value = patch.weight {
            changed.weight = accept(value, "weight", QueueSettings.weights, "a whole number") ?? 1
        }
        if let value = patch.maxConcurrency {
            changed.maxConcurrency = accept(
                value, "max_concurrency", QueueSettings.concurrencies, "null or a whole number")
        }
        if let value = patch.ratePerSecond {
            changed.ratePerSecond = accept(value, "rate_per_second", QueueSettings.rates, "null or a number")
        }
        if let value = patch.burst {
            changed.burst = accept(value, "burst", QueueSettings.bursts, "null or a whole number")
        }
        if changed.burst != nil, changed.ratePerSecond == nil, problems.isEmpty {
            if patch.burst != nil {
                problems.append(FieldProblem("burst", "is of no use without rate_per_second"))
            } else {
                changed.burst = nil
            }
        }
        check(defaults: patch, &changed.defaults, &problems)
        if !problems.isEmpty { throw ValidationError(problems) }
        return changed
    }

    private func check(defaults patch: QueuePatch, _ defaults: inout TaskDefaults, _ problems: inout [FieldProblem]) {
        var found: [FieldProblem] = []
        if let retry = patch.retry {
            defaults.retrySchedule = retry.map { retry in
                var draft = TaskDraft()
                (draft.maxRetries, draft.retryDelays) = (retry.maxRetries, retry.delays)
                return tasks.retrySchedule(draft, tasks.retrySchedule, &found)
            }
        }
        if let timeout = patch.timeoutMilliseconds {
            defaults.timeout = timeout.flatMap { tasks.timeout($0, &found) }
        }
        if let success = patch.success {
            defaults.successRule = success.flatMap { SuccessRules.check($0.rule, $0.conditions, &found) }
        }
        problems += found.map { FieldProblem("defaults.\($0.field)", $0.detail) }
    }
}
