import MySQL
import Testing

@testable import Scheduler

@Suite struct VerdictTests {
    static let ended = Timestamp(microseconds: 1_795_255_200_000_000)

    struct Case: Sendable {
        let attempt: Int
        let retriesFrom: Int
        /// Seconds after the end of the attempt; nil: it is dead.
        let pause: Int?

        init(_ attempt: Int, from retriesFrom: Int = 0, _ pause: Int?) {
            self.attempt = attempt
            self.retriesFrom = retriesFrom
            self.pause = pause
        }
    }

    /// By a schedule of three retries after 5, 15 and 15 seconds.
    static let cases = [
        Case(1, 5), Case(2, 15), Case(3, 15), Case(4, nil),
        // A retry by hand begins the schedule anew.
        Case(5, from: 4, 5), Case(6, from: 4, 15), Case(8, from: 4, nil),
    ]

    @Test(arguments: cases) func afterAFailedAttempt(expected: Case) {
        let verdict = Verdict(
            afterAttempt: expected.attempt, retriesFrom: expected.retriesFrom,
            schedule: RetrySchedule(maxRetries: 3, delays: [.seconds(5), .seconds(15)]), endedAt: Self.ended,
            problem: "status 500")
        #expect(verdict.retryAt == expected.pause.map { Self.ended + .seconds($0) })
        if expected.pause == nil {
            #expect(verdict.reason == "attempt \(expected.attempt) failed and no retry is left: status 500")
        }
    }

    /// A pause of the receiver's only ever makes the schedule's longer. Both in seconds after the end of attempt 1.
    @Test(
        arguments: [(nil, 5, false), (3, 5, false), (5, 5, false), (6, 6, true), (86_400, 86_400, true)]
            as [(Int?, Int, Bool)])
    func theReceiverMayPutARetryOff(asked: Int?, pause: Int, isPutOff: Bool) {
        let verdict = Verdict(
            afterAttempt: 1, retriesFrom: 0, schedule: RetrySchedule(maxRetries: 1, delays: [.seconds(5)]),
            endedAt: Self.ended, problem: "status 503", notBefore: asked.map { Self.ended + .seconds($0) })
        #expect(verdict.retryAt == Self.ended + .seconds(pause))
        #expect(verdict.isPutOff == isPutOff)
    }

    @Test func theReceiverCannotAskForMoreRetries() {
        let verdict = Verdict(
            afterAttempt: 2, retriesFrom: 0, schedule: RetrySchedule(maxRetries: 1, delays: [.seconds(5)]),
            endedAt: Self.ended, problem: "status 503", notBefore: Self.ended + .seconds(9))
        #expect(verdict.retryAt == nil)
    }

    @Test func aFinalFailureIsNotRetried() {
        let verdict = Verdict(
            afterAttempt: 1, retriesFrom: 0, schedule: RetrySchedule(maxRetries: 3, delays: [.seconds(5)]),
            endedAt: Self.ended, problem: "status 410", isFinal: true, notBefore: Self.ended + .seconds(9))
        #expect(verdict.retryAt == nil)
        #expect(verdict.reason == "attempt 1 failed for good: status 410")
    }

    @Test(arguments: [(-1, false), (0, false), (1, true)]) func aRetryFitsBeforeItExpires(
        microseconds: Int, isRetried: Bool
    ) {
        let verdict = Verdict(
            afterAttempt: 1, retriesFrom: 0, schedule: RetrySchedule(maxRetries: 3, delays: [.seconds(5)]),
            endedAt: Self.ended, problem: "status 503",
            expiresAt: Self.ended + .seconds(5) + .microseconds(microseconds))
        #expect((verdict.retryAt != nil) == isRetried)
        #expect(verdict.isTooLate == !isRetried)
        #expect(verdict.reason.contains("no retry fits before expires_at") == !isRetried)
    }

    @Test func whatTheReceiverAskedForMustFitToo() {
        let verdict = Verdict(
            afterAttempt: 1, retriesFrom: 0, schedule: RetrySchedule(maxRetries: 3, delays: [.seconds(5)]),
            endedAt: Self.ended, problem: "status 503", notBefore: Self.ended + .seconds(9),
            expiresAt: Self.ended + .seconds(8))
        #expect(verdict.retryAt == nil && verdict.isTooLate && !verdict.isPutOff)
    }

    /// - seconds: from the start of the attempt until it expires; the instance is found dead 12 s later.
    @Test(arguments: [(13, "retry"), (12, "dead"), (1, "dead"), (0, "expired"), (-1, "expired")])
    func aLostAttemptMayHaveExpired(seconds: Int, _ expected: String) {
        var lost = Self.lost(attempt: 1, onLost: .retry)
        lost.expiresAt = lost.startedAt + .seconds(seconds)
        let outcome = lost.outcome(now: lost.startedAt + .seconds(12), incarnation: 9)
        switch outcome.fate {
        case .retry: #expect(expected == "retry")
        case .dead(let reason): #expect(expected == "dead" && reason.contains("no retry fits before expires_at"))
        case .expired(_, let startedAt): #expect(expected == "expired" && startedAt == lost.startedAt)
        case .succeeded: Issue.record("it has not succeeded")
        }
        #expect(outcome.attemptsMade == (expected == "expired" ? 0 : 1))
    }

    static func lost(attempt: Int, onLost: OnLost) -> LostAttempt {
        LostAttempt(
            id: TaskID(high: 1, low: 2), queueID: 3, url: "http://A.example:81/x", planTime: ended, attempt: attempt,
            startedAt: ended + .milliseconds(2), retriesFrom: 0, version: 4,
            retrySchedule: RetrySchedule(maxRetries: 1, delays: [.seconds(60)]), onLost: onLost)
    }

    @Test func aLostAttemptIsTriedAgainAtOnce() {
        let now = Self.ended + .seconds(12)
        let outcome = Self.lost(attempt: 1, onLost: .retry).outcome(now: now, incarnation: 9)
        #expect(outcome.fate == .retry(at: now, .ready))
        #expect(outcome.id == TaskID(high: 1, low: 2))
        #expect(outcome.queueID == 3)
        #expect(outcome.host == "a.example:81")
        #expect(outcome.attempt.outcomeClass == "lost")
        #expect(outcome.attempt.attempt == 1)
        #expect(outcome.attempt.incarnation == 9)
        #expect(outcome.attempt.version == 4)
        #expect(!outcome.attempt.succeeded)
        #expect(outcome.attempt.status == nil)
        #expect(outcome.attempt.startedAt == Self.ended + .milliseconds(2))
        #expect(outcome.attempt.duration == .milliseconds(11_998))
    }

    @Test(arguments: [(2, OnLost.retry, "no retry is left"), (1, .dead, "is not known"), (2, .dead, "is not known")])
    func aLostAttemptMayBeTheLast(attempt: Int, onLost: OnLost, naming: String) throws {
        let outcome = Self.lost(attempt: attempt, onLost: onLost).outcome(now: Self.ended, incarnation: 9)
        guard case .dead(let reason) = outcome.fate else {
            Issue.record("it is \(outcome.fate)")
            return
        }
        #expect(reason.contains(naming))
        #expect(outcome.attempt.outcomeClass == "lost")
    }
}
