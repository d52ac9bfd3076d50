import Scheduler
import Testing

@Suite struct CircuitBreakerTests {
    let start = ContinuousClock.now

    private static let settings: CircuitBreaker.Settings = {
        var settings = CircuitBreaker.Settings()
        (settings.failures, settings.failurePercent, settings.minimumCalls) = (5, 75, 20)
        (settings.interval, settings.longestInterval, settings.probes) = (.seconds(10), .seconds(60), 3)
        settings.window = .seconds(30)
        return settings
    }()

    /// A breaker and a clock, driven by letters: f a failure, o overloaded, h healthy, n neutral; a digit passes so many
    /// seconds.
    struct Bench {
        var breaker = CircuitBreaker()
        var now: ContinuousClock.Instant
        var transitions: [CircuitBreaker.Transition] = []
        var settings = CircuitBreakerTests.settings

        init(_ now: ContinuousClock.Instant) { self.now = now }

        mutating func call(_ sign: CallSign) {
            guard breaker.permit(now: now, settings) == .granted else { return }
            end(sign, breaker.generation)
        }

        mutating func end(_ sign: CallSign, _ generation: Int) {
            let transition = breaker.ended(sign, generation: generation, now: now, jitter: 0.5, settings)
            if let transition { transitions.append(transition) }
        }

        mutating func run(_ script: String) {
            for letter in script {
                switch letter {
                case "f": call(.failed)
                case "o": call(.overloaded)
                case "h": call(.healthy)
                case "n": call(.neutral)
                default: now += .seconds(letter.wholeNumberValue!)
                }
            }
        }

        var openFor: Duration? {
            if case .open(let until) = breaker.state { now.duration(to: until) } else { nil }
        }
    }

    @Test(arguments: [
        // In a row.
        ("ffff", false), ("fffff", true), ("ffffhf", false), ("foffo", true), ("ooooo", true), ("ffnffnf", true),
        ("nnnnnnnn", false), ("f9f9f9f9f", true), ("ffffhffff", false),
        // Three of four fail, from twenty calls on, and never five in a row.
        ("fffhfffhfffhfffhfff", false), ("fffhfffhfffhfffhfffhfff", true), ("fffh9fffh9fffh9fffh9fffhfff", false),
        ("fffhfffhfffhfffhfffh", false), ("ffhffhffhffhffhffhffhffhffhffhff", false),
    ])
    func opens(_ script: String, _ isOpen: Bool) {
        var bench = Bench(start)
        bench.run(script)
        #expect(bench.transitions == (isOpen ? [.opened] : []))
        #expect((bench.openFor != nil) == isOpen)
    }

    @Test func nothingIsCalledWhileItIsOpen() {
        var bench = Bench(start)
        bench.run("fffff9")
        let until = start + .seconds(10)
        #expect(bench.breaker.permit(now: bench.now, Self.settings) == .refused(until: until))
        #expect(bench.breaker.state == .open(until: until))
        bench.run("1")
        #expect(bench.breaker.permit(now: bench.now, Self.settings) == .granted)
        #expect(bench.breaker.state == .halfOpen)
    }

    @Test func fewProbesGoThroughAtOnce() {
        var bench = Bench(start)
        bench.run("fffff91")
        let permits = (0..<6).map { _ in bench.breaker.permit(now: bench.now, Self.settings) }
        #expect(permits.prefix(3).allSatisfy { $0 == .granted })
        #expect(permits.dropFirst(3).allSatisfy { $0 == .refused(until: bench.now + .seconds(10)) })
        // One that was not made, or tells nothing, makes room for another.
        bench.breaker.withdraw(generation: bench.breaker.generation)
        bench.end(.neutral, bench.breaker.generation)
        #expect(bench.breaker.permit(now: bench.now, Self.settings) == .granted)
        #expect(bench.breaker.permit(now: bench.now, Self.settings) == .granted)
        #expect(bench.breaker.permit(now: bench.now, Self.settings) != .granted)
        for _ in 0..<3 { bench.end(.healthy, bench.breaker.generation) }
        #expect(bench.transitions == [.opened, .closed])
        #expect(bench.breaker.failingSince == nil)
    }

    @Test func theIntervalDoublesToItsLimitAndBeginsAnew() {
        var bench = Bench(start)
        bench.run("fffff")
        var intervals: [Duration] = []
        for _ in 0..<5 {
            let interval = bench.openFor!
            intervals.append(interval)
            bench.now += interval
            bench.run("f")
        }
        #expect(intervals == [10, 20, 40, 60, 60].map { .seconds($0) })
        #expect(bench.breaker.failingSince == start)
        bench.now += bench.openFor!
        bench.run("hhhfffff")
        #expect(bench.openFor == .seconds(10))
    }

    @Test(arguments: [(0.0, 8000), (0.5, 10_000), (1.0, 12_000)])
    func theIntervalIsJittered(_ jitter: Double, _ milliseconds: Int) {
        var breaker = CircuitBreaker()
        for _ in 0..<5 {
            _ = breaker.permit(now: start, Self.settings)
            _ = breaker.ended(.failed, generation: breaker.generation, now: start, jitter: jitter, Self.settings)
        }
        guard case .open(let until) = breaker.state else {
            Issue.record("it is not open")
            return
        }
        #expect((start.duration(to: until) - .milliseconds(milliseconds)).magnitude < .microseconds(1))
    }

    @Test func callsOfAnEarlierStateTellNothing() {
        var bench = Bench(start)
        let before = bench.breaker.generation
        bench.run("fffff")
        for _ in 0..<10 { bench.end(.failed, before) }
        #expect(bench.openFor == .seconds(10))
        bench.run("91")
        _ = bench.breaker.permit(now: bench.now, Self.settings)
        for _ in 0..<10 { bench.end(.healthy, before) }
        bench.end(.failed, before)
        #expect(bench.breaker.state == .halfOpen)
        #expect(bench.transitions == [.opened])
    }

    @Test func itLearnsFromOthers() {
        var bench = Bench(start)
        bench.breaker.learn(openUntil: start + .seconds(7), now: start)
        #expect(bench.openFor == .seconds(7))
        bench.breaker.learn(openUntil: start + .seconds(5), now: start)
        #expect(bench.openFor == .seconds(7))
        bench.breaker.learn(openUntil: start - .seconds(5), now: start)
        #expect(bench.openFor == .seconds(7))
        bench.run("1")
        // They had been asked before it opened here.
        bench.breaker.learnClosed(askedAt: start, now: bench.now)
        #expect(bench.openFor == .seconds(6))
        bench.breaker.learnClosed(askedAt: bench.now, now: bench.now)
        bench.run("hhh")
        #expect(bench.breaker.state == .closed)
        bench.breaker.learnClosed(askedAt: bench.now, now: bench.now)
        #expect(bench.breaker.state == .closed)
    }

    @Test func whenItBeganToFailIsForgottenWithItsEnd() {
        var bench = Bench(start)
        bench.run("fffff9")
        // Somebody has resumed it, or another instance has closed it.
        bench.breaker.learnClosed(askedAt: bench.now, now: bench.now)
        #expect(bench.breaker.failingSince == nil)
        bench.run("9f")
        #expect(bench.breaker.failingSince == bench.now)
        #expect(bench.openFor == .seconds(10))
        bench.run("91h")
        #expect(bench.breaker.state == .halfOpen)
        bench.breaker.learnClosed(askedAt: bench.now, now: bench.now)
        bench.run("1f")
        #expect(bench.breaker.failingSince == bench.now)
    }

    /// An instance that is new does not know how a destination does that has failed before: its calls tell.
    @Test func whatFailedBeforeIsTried() {
        var bench = Bench(start)
        bench.breaker.learn(openUntil: start - .seconds(60), now: start)
        bench.run("hhh")
        #expect(bench.transitions == [.closed])
        #expect(bench.breaker.failingSince == nil)
    }

    @Test(arguments: [("h", true), ("hf", true), ("hffff9f", true), ("h91", false), ("ffff", false), ("", false)])
    func ownSuccessCountsForMore(_ script: String, _ works: Bool) {
        var bench = Bench(start)
        bench.run(script)
        let transition = bench.breaker.learn(openUntil: bench.now + .seconds(9), now: bench.now)
        #expect(transition == (works && bench.breaker.state == .closed ? .closed : nil))
        #expect((bench.breaker.state == .closed) == (transition == .closed))
    }

    @Test func turnedOffWhileItIsOpenItEndsWithTheNextCall() {
        var bench = Bench(start)
        bench.run("fffff")
        bench.settings.failures = 0
        bench.run("f")
        #expect(bench.breaker.state == .closed)
        #expect(bench.transitions == [.opened, .closed])
        #expect(bench.breaker.failingSince == nil)
    }

    @Test func withFewerProbesThanHaveSucceededItCloses() {
        var bench = Bench(start)
        bench.run("fffff91hh")
        #expect(bench.breaker.state == .halfOpen)
        bench.settings.probes = 1
        bench.run("h")
        #expect(bench.breaker.state == .closed)
    }

    @Test func zeroFailuresTurnItOff() {
        var bench = Bench(start)
        bench.settings.failures = 0
        for _ in 0..<1000 { bench.run("f") }
        #expect(bench.breaker.state == .closed)
    }
}

extension Duration {
    fileprivate var magnitude: Duration { self < .zero ? .zero - self : self }
}
