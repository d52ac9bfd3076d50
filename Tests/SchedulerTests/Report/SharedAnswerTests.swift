import MySQL
import Scheduler
import Synchronization
import Testing

@Suite struct SharedAnswerTests {
    /// A query that is answered when the test says so.
    final class Source: Sendable {
        private let state = Mutex((asked: 0, waiting: [CheckedContinuation<Overview, any Error>]()))

        var asked: Int { state.withLock { $0.asked } }
        var isWaiting: Bool { state.withLock { !$0.waiting.isEmpty } }

        func ask() async throws -> Overview {
            try await withCheckedThrowingContinuation { continuation in
                state.withLock { state in
                    state.asked += 1
                    state.waiting.append(continuation)
                }
            }
        }

        func answer(_ result: Result<Overview, any Error>) async {
            while !isWaiting { await Task.yield() }
            let waiting = state.withLock { state in
                defer { state.waiting = [] }
                return state.waiting
            }
            for continuation in waiting { continuation.resume(with: result) }
        }
    }

    struct Away: Error {}

    static func overview(_ seconds: Int) -> Overview {
        Overview(
            now: Timestamp(microseconds: Int64(seconds) * 1_000_000), counts: [],
            due: DueCounts(overdue: Estimate(0), minutes: []))
    }

    @Test func allWhoLookShareOneQuery() async throws {
        let source = Source()
        let feed = SharedAnswer { try await source.ask() }
        let looks = (0..<20).map { _ in Task { try await feed.current(maxAge: .seconds(3600)) } }
        await source.answer(.success(Self.overview(1)))
        for look in looks { #expect(try await look.value == Self.overview(1)) }
        #expect(source.asked == 1)
        #expect(try await feed.current(maxAge: .seconds(3600)) == Self.overview(1))
        #expect(source.asked == 1)
        async let newer = feed.current(maxAge: .zero)
        await source.answer(.success(Self.overview(2)))
        #expect(try await newer == Self.overview(2))
        #expect(source.asked == 2)
    }

    @Test func anErrorIsGivenToAllWhoWaitAndToNobodyAfterThem() async throws {
        let source = Source()
        let feed = SharedAnswer { try await source.ask() }
        let looks = (0..<5).map { _ in Task { try await feed.current(maxAge: .zero) } }
        await source.answer(.failure(Away()))
        var failed = 0
        for look in looks {
            while source.isWaiting { await source.answer(.failure(Away())) }
            do { _ = try await look.value } catch is Away { failed += 1 }
        }
        #expect(failed == 5)
        async let next = feed.current(maxAge: .zero)
        await source.answer(.success(Self.overview(3)))
        #expect(try await next == Self.overview(3))
    }

    @Test func oneWhoGivesUpLeavesTheOthersTheirAnswer() async throws {
        let source = Source()
        let feed = SharedAnswer { try await source.ask() }
        let impatient = Task { try await feed.current(maxAge: .seconds(3600)) }
        while !source.isWaiting { await Task.yield() }
        let patient = Task { try await feed.current(maxAge: .seconds(3600)) }
        impatient.cancel()
        await source.answer(.success(Self.overview(4)))
        #expect(try await patient.value == Self.overview(4))
        #expect(source.asked == 1)
    }
}
