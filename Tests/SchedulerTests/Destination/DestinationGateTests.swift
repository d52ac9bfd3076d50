import Testing
import Transfer

@testable import Scheduler

@Suite struct DestinationGateTests {
    let start = ContinuousClock.now

    private static let settings: DestinationGate.Settings = {
        var settings = DestinationGate.Settings()
        (settings.slots, settings.returnsPerSecond) = (4, 10)
        settings.breaker.failures = 3
        settings.breaker.interval = .seconds(10)
        return settings
    }()

    /// So many calls of one destination, and what became of them.
    private func admit(
        _ count: Int, _ gate: inout DestinationGate, at seconds: Double = 0, _ settings: DestinationGate.Settings
    ) -> [DestinationGate.Decision] {
        (0..<count).map { _ in gate.admit(now: start + .seconds(seconds), settings) }
    }

    private func end(
        _ count: Int, _ sign: CallSign, _ gate: inout DestinationGate, at seconds: Double,
        retryAfter: Double? = nil, _ settings: DestinationGate.Settings
    ) {
        for _ in 0..<count {
            _ = gate.ended(
                sign, generation: gate.breaker.generation, retryAfter: retryAfter.map { start + .seconds($0) },
                now: start + .seconds(seconds), jitter: 0.5, settings)
        }
    }

    @Test func oneThatHangsHasItsSlotsAndNoMore() {
        var gate = DestinationGate(now: start)
        let first = admit(6, &gate, Self.settings)
        #expect(first == Array(repeating: .start(generation: 0), count: 4) + [.hold, .hold])
        // After a moment the others are put off, one after the other at the rate at which they come back.
        let others = admit(2, &gate, at: 0.25, Self.settings)
        for (other, milliseconds) in zip(others, [1250, 1350]) {
            guard case .putOff(let until, .full) = other else {
                Issue.record("it is not put off: \(other)")
                continue
            }
            let difference = start.duration(to: until) - .milliseconds(milliseconds)
            #expect(difference > .milliseconds(-1) && difference < .milliseconds(1))
        }
    }

    @Test func oneWhoseCallsEndHasAsManyAsEndInASecond() {
        var gate = DestinationGate(now: start)
        for round in 0..<10 {
            let now = Double(round) * 0.05
            #expect(admit(4, &gate, at: now, Self.settings).allSatisfy { $0 == .start(generation: 0) })
            end(4, .healthy, &gate, at: now + 0.01, Self.settings)
        }
        // Forty have ended within the last second.
        let decisions = admit(50, &gate, at: 0.5, Self.settings)
        #expect(decisions.count { $0 == .start(generation: 0) } == 40)
        #expect(gate.inFlight == 40)
    }

    @Test func itsOwnLimitHoldsHoweverFastItIs() {
        var settings = Self.settings
        settings.concurrency = 2
        var gate = DestinationGate(now: start)
        for round in 0..<100 {
            let now = Double(round) * 0.001
            _ = admit(5, &gate, at: now, settings)
            #expect(gate.inFlight <= 2)
            end(gate.inFlight, .healthy, &gate, at: now, settings)
        }
    }

    @Test func whatAFailingOneLetsWaitComesBackAfterItsIntervalOneByOne() {
        var gate = DestinationGate(now: start)
        _ = admit(3, &gate, Self.settings)
        end(3, .failed, &gate, at: 0, Self.settings)
        let decisions = admit(1000, &gate, at: 1, Self.settings)
        let times = decisions.map { decision -> Duration? in
            if case .putOff(let until, .failing) = decision { start.duration(to: until) } else { nil }
        }
        #expect(times.first! == .seconds(10))
        for (earlier, later) in zip(times, times.dropFirst()) {
            let step = later! - earlier!
            #expect(step > .milliseconds(99) && step < .milliseconds(101))
        }
        #expect(gate.inFlight == 0)
    }

    @Test func itBeginsSmallAgainAndGrows() {
        var settings = Self.settings
        settings.slots = 400
        var gate = DestinationGate(now: start)
        _ = admit(3, &gate, settings)
        end(3, .failed, &gate, at: 0, settings)
        let probes = admit(5, &gate, at: 10, settings)
        #expect(probes.count { if case .start = $0 { true } else { false } } == 3)
        end(3, .healthy, &gate, at: 10.1, settings)
        #expect(gate.breaker.state == .closed)
        var rounds: [Int] = []
        for round in 0..<7 {
            let now = 11 + Double(round) * 2
            let started = admit(500, &gate, at: now, settings).count { if case .start = $0 { true } else { false } }
            rounds.append(started)
            end(started, .healthy, &gate, at: now + 1, settings)
        }
        #expect(rounds == [8, 16, 32, 64, 128, 256, 400])
        #expect(gate.allowance == nil)
    }

    @Test func anOverloadedOneGetsHalfAndSlowlyMore() {
        var settings = Self.settings
        (settings.slots, settings.breaker.failures) = (100, 0)
        var gate = DestinationGate(now: start)
        _ = admit(80, &gate, settings)
        // All of them say the same thing.
        end(80, .overloaded, &gate, at: 0.1, settings)
        #expect(gate.allowance == 40)
        _ = admit(100, &gate, at: 1, settings)
        #expect(gate.inFlight == 40)
        end(40, .healthy, &gate, at: 1.1, settings)
        #expect(gate.allowance! > 40.9 && gate.allowance! < 41.1)
        _ = admit(1, &gate, at: 2, settings)
        end(1, .overloaded, &gate, at: 2, settings)
        #expect(gate.allowance == 1)
        _ = admit(1, &gate, at: 3, settings)
        end(1, .overloaded, &gate, at: 3, settings)
        #expect(gate.allowance == 1)
    }

    @Test func twoAnswersInARowThatAskForAPauseHoldForAll() {
        var settings = Self.settings
        (settings.slots, settings.breaker.failures) = (100, 0)
        settings.longestRetryAfter = .seconds(60)
        var gate = DestinationGate(now: start)
        _ = admit(4, &gate, settings)
        end(1, .overloaded, &gate, at: 0, retryAfter: 30, settings)
        #expect(gate.askedUntil == nil)
        end(1, .healthy, &gate, at: 0, settings)
        end(1, .overloaded, &gate, at: 0, retryAfter: 30, settings)
        #expect(gate.askedUntil == nil)
        end(1, .overloaded, &gate, at: 0, retryAfter: 30, settings)
        #expect(admit(1, &gate, at: 1, settings) == [.putOff(until: start + .seconds(30), .asked)])
        #expect(gate.admit(now: start + .seconds(30), settings) == .start(generation: 0))
        end(1, .overloaded, &gate, at: 31, retryAfter: 100_000, settings)
        #expect(gate.askedUntil == start + .seconds(91))
    }

    /// A task is started a little before its time; what counts is when it is called.
    @Test func whatIsCalledWhenItWorksAgainIsLetThroughBefore() {
        var gate = DestinationGate(now: start)
        _ = admit(3, &gate, Self.settings)
        end(3, .failed, &gate, at: 0, Self.settings)
        let now = start + .milliseconds(9_985)
        guard
            case .putOff(let until, .failing) = gate.admit(
                now: now, callAt: start + .milliseconds(9_999), Self.settings)
        else {
            Issue.record("it is called while it is left alone")
            return
        }
        #expect(until == start + .seconds(10))
        guard case .start = gate.admit(now: now, callAt: start + .seconds(10), Self.settings) else {
            Issue.record("it is not called when it is left alone no longer")
            return
        }
    }

    @Test func aRateLetsCallsThroughEvenly() {
        var settings = Self.settings
        (settings.slots, settings.returnsPerSecond) = (1000, 500)
        settings.rate = .init(perSecond: 20, burst: 2)
        var gate = DestinationGate(now: start)
        let decisions = admit(6, &gate, settings)
        // Two at once, those of the next tenth of a second at their times, and the rest in a line.
        let times = decisions.map { decision -> (Bool, Duration)? in
            switch decision {
            case .start(_, let notBefore): (true, notBefore.map { start.duration(to: $0) } ?? .zero)
            case .putOff(let until, .limited): (false, start.duration(to: until))
            default: nil
            }
        }
        let expected: [(Bool, Int)] = [(true, 0), (true, 0), (true, 50), (true, 100), (false, 150), (false, 200)]
        for (time, wanted) in zip(times, expected) {
            #expect(time?.0 == wanted.0)
            let difference = (time?.1 ?? .seconds(99)) - .milliseconds(wanted.1)
            #expect(difference > .milliseconds(-1) && difference < .milliseconds(1))
        }
        // What comes back at its time is let through then.
        guard case .start = gate.admit(now: start + .milliseconds(151), settings) else {
            Issue.record("a task that has waited for its token is put off again")
            return
        }
    }

    @Test func whoHasNoShareOfARateLetsNothingThrough() {
        var settings = Self.settings
        settings.rate = .init(perSecond: 0, burst: 0)
        var gate = DestinationGate(now: start)
        #expect(admit(1, &gate, settings) == [.putOff(until: start + .seconds(1), .limited)])
    }

    @Test func whatOnlyOthersMayCallIsForThem() {
        var settings = Self.settings
        settings.isForOthers = true
        var gate = DestinationGate(now: start)
        #expect(
            admit(2, &gate, settings) == Array(repeating: .putOff(until: start + .seconds(1), .elsewhere), count: 2))
    }

    @Test func resumedItWaitsForNoRetryAfter() {
        var gate = DestinationGate(now: start)
        var settings = Self.settings
        settings.breaker.failures = 0
        _ = admit(2, &gate, settings)
        end(2, .overloaded, &gate, at: 0, retryAfter: 60, settings)
        #expect(admit(1, &gate, at: 1, settings) == [.putOff(until: start + .seconds(60), .asked)])
        settings.isPaused = true
        _ = admit(1, &gate, at: 2, settings)
        settings.isPaused = false
        guard case .start = gate.admit(now: start + .seconds(3), settings) else {
            Issue.record("it waits still")
            return
        }
    }

    @Test func aPausedOneIsNotCalled() {
        var settings = Self.settings
        settings.isPaused = true
        var gate = DestinationGate(now: start)
        #expect(admit(1, &gate, settings) == [.putOff(until: start + .seconds(300), .paused)])
        #expect(gate.inFlight == 0)
    }

    @Test func whatIsWithdrawnLeavesRoomAndProbes() {
        var gate = DestinationGate(now: start)
        _ = admit(3, &gate, Self.settings)
        end(3, .failed, &gate, at: 0, Self.settings)
        for _ in 0..<3 {
            guard case .start(let generation, _) = gate.admit(now: start + .seconds(10), Self.settings) else {
                Issue.record("a probe is refused")
                return
            }
            gate.withdraw(generation: generation)
        }
        #expect(gate.inFlight == 0)
        #expect(admit(3, &gate, at: 10, Self.settings).count { if case .start = $0 { true } else { false } } == 3)
    }

    @Test(
        arguments: [
            (200, nil, CallSign.healthy), (404, nil, .healthy), (302, nil, .healthy), (410, nil, .healthy),
            (429, nil, .overloaded), (503, nil, .overloaded), (500, nil, .failed), (599, nil, .failed),
            (0, .timeout, .failed), (200, .timeout, .failed), (0, .connect, .failed), (0, .resolve, .failed),
            (0, .tls, .failed), (0, .send, .failed), (0, .receive, .failed), (0, .addressDenied, .neutral),
            (301, .redirect, .healthy), (0, .redirect, .neutral), (0, .invalidRequest, .neutral),
            (0, .fenced, .neutral),
            (0, .shutdown, .neutral),
            (0, .aborted, .neutral), (0, .internal, .neutral),
        ] as [(Int, TransferFailure.Kind?, CallSign)])
    func callsTellOfTheirDestinations(_ status: Int, _ failure: TransferFailure.Kind?, _ sign: CallSign) {
        var result = TransferResult(token: 1, firedAt: start, finishedAt: start)
        result.status = status
        result.failure = failure.map { TransferFailure(kind: $0, message: "") }
        #expect(CallSign(result) == sign)
    }
}
