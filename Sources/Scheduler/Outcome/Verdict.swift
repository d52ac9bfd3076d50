package import MySQL

/// What becomes of a task after a failed attempt.
package struct Verdict: Sendable, Equatable {
    /// nil: it is dead.
    package var retryAt: Timestamp?
    /// Whether the retry is later than the schedule says, because the receiver asked for it.
    package var isPutOff = false
    /// Whether a retry was left, and there would have been no time for it.
    package var isTooLate = false
    package var reason: String

    /// - Parameters:
    ///   - attempt: the number of the failed attempt.
    ///   - retriesFrom: attempts made before the last retry by hand; they do not count against the schedule.
    ///   - endedAt: the pause is counted from here.
    ///   - isFinal: whether trying again is of no use.
    ///   - notBefore: what the receiver asked for; it only ever makes the pause longer.
    ///   - expiresAt: from when on the task is not called.
    package init(
        afterAttempt attempt: Int, retriesFrom: Int, schedule: RetrySchedule, endedAt: Timestamp, problem: String,
        isFinal: Bool = false, notBefore: Timestamp? = nil, expiresAt: Timestamp? = nil
    ) {
        if isFinal {
            reason = "attempt \(attempt) failed for good: \(problem)"
            return
        }
        reason = "attempt \(attempt) failed and no retry is left: \(problem)"
        guard let pause = schedule.delay(afterFailures: attempt - retriesFrom) else { return }
        let scheduled = endedAt + pause
        let time = max(scheduled, notBefore ?? scheduled)
        if let expiresAt, time >= expiresAt {
            reason = "attempt \(attempt) failed and no retry fits before expires_at, \(expiresAt.rfc3339): \(problem)"
            isTooLate = true
            return
        }
        retryAt = time
        isPutOff = time != scheduled
    }
}

extension LostAttempt {
    /// The outcome of an attempt whose instance died: it counts, because the call may have been made.
    package func outcome(now: Timestamp, incarnation: UInt64) -> OutcomeRecord {
        let problem = "the instance that ran it died; whether the call was made is not known"
        let verdict = Verdict(
            afterAttempt: attempt, retriesFrom: retriesFrom, schedule: retrySchedule, endedAt: now, problem: problem)
        let isOver = expiresAt.map { $0 <= now } ?? false
        let fate: OutcomeRecord.Fate =
            if let expiresAt, startedAt >= expiresAt {
                // Whoever started it saw so before he called it.
                .expired(reason: OutcomeRecord.expiry(expiresAt), startedAt: startedAt)
            } else if onLost == .dead {
                .dead(reason: problem)
            } else if verdict.retryAt == nil {
                .dead(reason: verdict.reason)
            } else if isOver, let expiresAt {
                .dead(reason: "no retry fits before expires_at, \(expiresAt.rfc3339): \(problem)")
            } else {
                // At once: it was not the receiver that failed.
                .retry(at: now, .ready)
            }
        return OutcomeRecord(
            id: id, queueID: queueID, host: URLHost.of(url), fate: fate,
            attempt: AttemptRecord(
                attempt: attempt, incarnation: incarnation, version: version, planTime: planTime, startedAt: startedAt,
                duration: now - startedAt, succeeded: false, outcomeClass: "lost", message: problem, status: nil,
                timings: CallTimings(), address: nil, response: [], responseTruncated: false))
    }
}

extension OutcomeRecord {
    /// Why one is dead that was not called.
    static func expiry(_ expiresAt: Timestamp) -> String {
        "expired: it was not started before expires_at, \(expiresAt.rfc3339)"
    }
}
