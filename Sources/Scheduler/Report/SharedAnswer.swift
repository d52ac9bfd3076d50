import Synchronization

/// One answer for all who ask: however many there are, the question is asked once at a time, and not at all while nobody
/// looks.
package final class SharedAnswer<Answer: Sendable>: Sendable {
    private struct State {
        var latest: (answer: Answer, askedAt: ContinuousClock.Instant)?
        var question: Task<Answer, any Error>?
    }

    private let ask: @Sendable () async throws -> Answer
    private let time: any Timekeeper
    private let state = Mutex(State())

    package init(time: any Timekeeper = SystemTime(), _ ask: @escaping @Sendable () async throws -> Answer) {
        self.time = time
        self.ask = ask
    }

    /// - Parameter maxAge: how old the answer may be.
    /// - Throws: what the question throws that was under way; all who wait for it get the same. The next caller asks anew.
    package func current(maxAge: Duration) async throws -> Answer {
        let now = time.now()
        let question = state.withLock { state -> Task<Answer, any Error> in
            if let latest = state.latest, latest.askedAt.duration(to: now) <= maxAge {
                return Task { latest.answer }
            }
            if let question = state.question { return question }
            // Of no caller's own: one that is cancelled leaves the others waiting for the answer.
            let question = Task { try await self.asked(at: now) }
            state.question = question
            return question
        }
        return try await question.value
    }

    private func asked(at now: ContinuousClock.Instant) async throws -> Answer {
        do {
            let answer = try await ask()
            state.withLock { state in
                state.latest = (answer, now)
                state.question = nil
            }
            return answer
        } catch {
            state.withLock { $0.question = nil }
            throw error
        }
    }
}

extension SharedAnswer {
    /// As `current(maxAge:)`, for who cannot wait for long.
    /// - Returns: nil when it could not be had within `limit`; a question that is under way goes on, for the next caller.
    package func current(maxAge: Duration, within limit: Duration) async -> Answer? {
        let box = AnswerBox<Answer>()
        // Of no caller's own, as the question is: it ends with it.
        Task { box.put(try? await current(maxAge: maxAge)) }
        await box.isFull.wait(until: time.now().advanced(by: limit), time)
        return box.answer
    }
}

private final class AnswerBox<Answer: Sendable>: Sendable {
    let isFull = Signal()
    private let content = Mutex<Answer?>(nil)

    var answer: Answer? { content.withLock { $0 } }

    func put(_ answer: Answer?) {
        content.withLock { $0 = answer }
        isFull.notify()
    }
}
