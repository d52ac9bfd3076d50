import MySQL

extension EngineMetrics {
    /// Tells of outcomes that were committed together.
    func count(_ recorded: [OutcomeRecord]) {
        // Few differ, so looking through them is cheaper than hashing each.
        var results: [(result: CountedResult, count: Int)] = []
        var (early, expired) = (0, 0)
        for outcome in recorded {
            if outcome.isExpired {
                expired += 1
                continue
            }
            let attempt = outcome.attempt
            let result = CountedResult(fate: outcome.fate.word, outcomeClass: attempt.outcomeClass)
            if let index = results.firstIndex(where: { $0.result == result }) {
                results[index].count += 1
            } else {
                results.append((result, 1))
            }
            if attempt.startedAt < attempt.planTime { early += 1 }
            lateness(attempt.startedAt - attempt.planTime)
            if let due = outcome.deferredFrom { deferral(attempt.startedAt - due) }
            callDuration(attempt.duration)
        }
        for (result, count) in results { outcomes.add(count, result.fate, result.outcomeClass) }
        earlyFires.add(early)
        tasksExpired.add(expired)
    }

    private struct CountedResult: Equatable {
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
        case .dead, .expired: "dead"
        }
    }
}
