import MySQL
import Scheduler
import Testing

@Suite struct LimitedQueuesTests {
    static let now = Timestamp(microseconds: 1_795_255_200_000_000)
    let start = ContinuousClock.now

    func at(_ milliseconds: Int) -> ContinuousClock.Instant { start.advanced(by: .milliseconds(milliseconds)) }

    static func rule(slots: Int? = nil, rate: Double? = nil, burst: Int? = nil) -> QueueRule {
        var rule = QueueRule()
        (rule.maxConcurrency, rule.rate, rule.burst) = (slots, rate, burst)
        return rule
    }

    static func view(
        _ rule: QueueRule, workers: [UInt64], shares: [(UInt64, Int, Double)] = [], head seconds: Double? = -60
    ) -> ClaimView {
        var view = ClaimView()
        view.rules = [1: rule]
        view.workers = workers
        view.shares = shares.map { QueueShare(queueID: 1, incarnation: $0.0, slots: $0.1, rate: $0.2) }
        view.limitedHeads[1] = seconds.map { now + .microseconds(Int64($0 * 1_000_000)) }
        return view
    }

    static func share(_ incarnation: UInt64, _ slots: Int, _ rate: Double = 0) -> QueueShare {
        QueueShare(queueID: 1, incarnation: incarnation, slots: slots, rate: rate)
    }

    func due(_ limited: LimitedQueues, running: Int = 0, at milliseconds: Int = 0) -> [Int] {
        limited.due(
            Self.now, startBy: Self.now + .milliseconds(15), batch: 500, running: { _ in running },
            at: at(milliseconds)
        ).map(\.room)
    }

    // MARK: Shares

    @Test func whatOthersHaveIsNotUsed() {
        var limited = LimitedQueues()
        let rule = Self.rule(slots: 10)
        func take(_ shares: [(UInt64, Int, Double)], workers: [UInt64] = [3, 5], running: Int = 0) -> [QueueShare] {
            limited.take(
                Self.view(rule, workers: workers, shares: shares), as: 5, running: { _ in running }, at: start)
        }
        // The other has it all still: there is nothing to ask for.
        #expect(take([(3, 10, 0)]) == [])
        #expect(due(limited) == [])
        #expect(take([(3, 8, 0)]) == [Self.share(5, 5)])
        #expect(due(limited) == [])
        limited.granted([Self.share(5, 2)], at: start)
        #expect(due(limited) == [2])
        #expect(due(limited, running: 1) == [1])
        #expect(due(limited, running: 2) == [])
        // Alone, it may have all, as soon as it is granted.
        #expect(take([(5, 5, 0)], workers: [5]) == [Self.share(5, 10)])
        #expect(due(limited) == [5])
        limited.granted([Self.share(5, 10)], at: start)
        // A new one: no more than five are begun, and what runs keeps its slots.
        #expect(take([(5, 10, 0)], workers: [5, 9], running: 8) == [Self.share(5, 8)])
        limited.granted([Self.share(5, 8)], at: start)
        #expect(due(limited, running: 8) == [])
        #expect(take([(5, 8, 0)], workers: [5, 9], running: 4) == [Self.share(5, 5)])
        #expect(due(limited, running: 4) == [1])
        // Whether that was done is not known: no more is used, and it is asked for again.
        #expect(take([(5, 8, 0)], workers: [5], running: 4) == [Self.share(5, 10)])
        #expect(due(limited, running: 4) == [1])
        #expect(take([(5, 5, 0), (9, 5, 0)], workers: [5, 9], running: 4) == [Self.share(5, 5)])
    }

    @Test func whoIsNoWorkerHasNothing() {
        var limited = LimitedQueues()
        #expect(limited.take(Self.view(Self.rule(slots: 1), workers: []), as: 5, running: { _ in 0 }, at: start) == [])
        #expect(due(limited) == [])
        #expect(limited.pause(Self.now, lead: .zero, running: { _ in 0 }, at: start) == nil)
        #expect(limited.interesting == [1: Timestamp.range.lowerBound])
    }

    // MARK: Rates

    @Test func tokensAreTakenInBatchesAndCallsComeOneByOne() throws {
        var limited = LimitedQueues()
        let rule = Self.rule(rate: 100, burst: 8)
        let wishes = limited.take(
            Self.view(rule, workers: [5, 6, 7, 8]), as: 6, running: { _ in 0 }, at: start)
        #expect(wishes == [Self.share(6, 0, 25)])
        limited.granted(wishes, at: start)
        // 25 a second: five within the next fifth of a second.
        #expect(due(limited) == [5])
        let times = limited.started(5, queue: 1, at: start)
        #expect(times.map { (start.duration(to: $0) / .milliseconds(1)).rounded() } == [40, 80, 120, 160, 200])
        #expect(due(limited) == [])
        let pause = try #require(limited.pause(Self.now, lead: .zero, running: { _ in 0 }, at: start))
        #expect((pause / .milliseconds(1)).rounded() == 140)
        #expect(due(limited, at: 140) == [3])
        // Less is less at once, also of what the table does not know yet.
        _ = limited.take(
            Self.view(rule, workers: [5, 6, 7, 8, 9, 10, 11, 12], shares: [(6, 0, 25)]), as: 6, running: { _ in 0 },
            at: at(140))
        #expect(due(limited, at: 140) == [1])
    }

    // MARK: Waiting

    @Test func itIsKnownWhenSomethingCanBeDone() {
        var limited = LimitedQueues()
        let rule = Self.rule(slots: 2)
        func pause(_ head: Double?, running: Int) -> Duration? {
            _ = limited.take(
                Self.view(rule, workers: [5], shares: [(5, 2, 0)], head: head), as: 5, running: { _ in running },
                at: start)
            return limited.pause(Self.now, lead: .milliseconds(15), running: { _ in running }, at: start)
        }
        #expect(pause(nil, running: 0) == nil)
        #expect(pause(2, running: 0) == .milliseconds(1985))
        #expect(pause(-2, running: 1) == .milliseconds(1))
        // Until a call ends.
        #expect(pause(-2, running: 2) == nil)
        #expect(limited.waitingForCalls == [1])
        #expect(limited.interesting == [1: Self.now - .seconds(2)])
    }

    @Test func marksFollowWhatWasClaimed() {
        var limited = LimitedQueues()
        _ = limited.take(
            Self.view(Self.rule(slots: 2), workers: [5], shares: [(5, 2, 0)]), as: 5, running: { _ in 0 }, at: start)
        #expect(limited.marks(isSweep: false) == [LimitedMark(queueID: 1, low: nil)])
        limited.advance(1, reached: Self.now - .seconds(30))
        #expect(limited.marks(isSweep: false) == [LimitedMark(queueID: 1, low: Self.now - .seconds(31))])
        limited.advance(1, reached: nil)
        #expect(limited.marks(isSweep: false) == [LimitedMark(queueID: 1, low: Self.now - .seconds(31))])
        #expect(limited.marks(isSweep: true) == [LimitedMark(queueID: 1, low: nil)])
        _ = limited.take(ClaimView(), as: 5, running: { _ in 0 }, at: start)
        #expect(limited.isEmpty)
    }

    @Test func aPausedQueueHasNothingToClaim() {
        var limited = LimitedQueues()
        var rule = Self.rule(slots: 2)
        rule.isPaused = true
        _ = limited.take(
            Self.view(rule, workers: [5], shares: [(5, 2, 0)]), as: 5, running: { _ in 0 }, at: start)
        #expect(due(limited) == [])
        #expect(limited.pause(Self.now, lead: .zero, running: { _ in 0 }, at: start) == nil)
    }
}
