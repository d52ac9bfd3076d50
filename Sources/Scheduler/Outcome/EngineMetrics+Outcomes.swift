import MySQL

extension EngineMetrics {
    /// Tells of outcomes that were committed together.
    func count(_ recorded: [OutcomeRecord]) {
        var results: [CountedResult: Int] = [:]
        var early = 0
        for outcome in recorded {
            let attempt = outcome.attempt
            results[CountedResult(fate: outcome.fate.word, outcomeClass: attempt.outcomeClass), default: 0] += 1
            if attempt.startedAt < attempt.planTime { early += 1 }
            lateness(attempt.startedAt - attempt.planTime)
            if let due = outcome.deferredFrom { deferral(attempt.startedAt - due) }
            callDuration(attempt.duration)
        }
        for (result, count) in results { outcomes.add(count, result.fate, result.outcomeClass) }
        earlyFires.add(early)
    }

    private struct CountedResult: Hashable {
        var fate: String
        var outcomeClass: String
    }
}

extension OutcomeRecord.Fate {
    /// As the label `result` has it.
    fileprivate var word: String {
        switch self {
        case .succeeded: "succeeded"
        case .retry: "retried"
        case .dead: "dead"
        }
    }
}
