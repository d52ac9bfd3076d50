import Synchronization

/// A task that was let through to its destination.
package struct Pass: Sendable {
    package let destination: DestinationEntry
    let generation: Int
    /// By its rate it is not called before.
    package let notBefore: ContinuousClock.Instant?
}

/// What the destinations let through, shared by the stages that start tasks and the one that makes their calls. Asked and
/// told once for a batch.
package final class DestinationGates: Sendable {
    /// How one call has ended.
    package struct Ending: Sendable {
        package var pass: Pass
        package var sign: CallSign
        package var retryAfter: ContinuousClock.Instant?

        package init(pass: Pass, sign: CallSign, retryAfter: ContinuousClock.Instant? = nil) {
            self.pass = pass
            self.sign = sign
            self.retryAfter = retryAfter
        }
    }

    /// A breaker that has opened or closed.
    package struct Change: Sendable, Equatable {
        package var name: String
        package var transition: CircuitBreaker.Transition
        /// nil: it has closed.
        package var openUntil: ContinuousClock.Instant?
        package var failingSince: ContinuousClock.Instant?
    }

    private let gates = Mutex<[String: DestinationGate]>([:])
    private let time: any Timekeeper

    /// Above it those are forgotten of which nothing is known, when others are learned of.
    private static let limit = 10_000

    package init(_ time: any Timekeeper) {
        self.time = time
    }

    /// - Parameter callTimes: when they would be called, in the same order.
    /// - Returns: for each, in order, what becomes of a task for it; and its pass when it is started.
    package func admit(
        _ destinations: [DestinationEntry], at callTimes: [ContinuousClock.Instant]
    ) -> [(decision: DestinationGate.Decision, pass: Pass?)] {
        let now = time.now()
        var decisions: [(decision: DestinationGate.Decision, pass: Pass?)] = []
        decisions.reserveCapacity(destinations.count)
        gates.withLock { gates in
            var rest = destinations[...]
            // Tasks that are due together are often for one destination: it is looked up once for them.
            while let destination = rest.first {
                let run = rest.prefix { $0 === destination }
                rest.removeFirst(run.count)
                gates[destination.name, default: DestinationGate(now: now)].admit(
                    callTimes[run.indices], of: destination, now: now, into: &decisions)
            }
        }
        return decisions
    }

    /// Those passes were not used.
    package func withdraw(_ passes: [Pass]) {
        if passes.isEmpty { return }
        gates.withLock { gates in
            for pass in passes { gates[pass.destination.name]?.withdraw(generation: pass.generation) }
        }
    }

    /// - Returns: the breakers that opened or closed by it.
    package func ended(_ endings: [Ending]) -> [Change] {
        if endings.isEmpty { return [] }
        let (now, jitter) = (time.now(), Double(time.jitter(0...1000)) / 1000)
        return gates.withLock { gates in
            endings.compactMap { ending in
                let (name, generation) = (ending.pass.destination.name, ending.pass.generation)
                let transition = gates[name]?.ended(
                    ending.sign, generation: generation, retryAfter: ending.retryAfter, now: now, jitter: jitter,
                    ending.pass.destination.settings)
                guard let transition, let breaker = gates[name]?.breaker else { return nil }
                var change = Change(name: name, transition: transition)
                if case .open(let until) = breaker.state { change.openUntil = until }
                change.failingSince = breaker.failingSince
                return change
            }
        }
    }

    // MARK: What is known

    /// - Parameters:
    ///   - openings: the destinations that fail, as the instances have found, and until when they are left alone.
    ///   - askedAt: when that was asked for.
    /// - Returns: those of which it is known here that they work.
    func learn(
        openUntil openings: [String: ContinuousClock.Instant], askedAt: ContinuousClock.Instant
    ) -> [Change] {
        let now = time.now()
        return gates.withLock { gates in
            var changes: [Change] = []
            for (name, until) in openings {
                let transition = gates[name, default: DestinationGate(now: now)].learn(openUntil: until, now: now)
                if transition == .closed { changes.append(Change(name: name, transition: .closed)) }
            }
            // Somebody has found that they work, or has said so.
            for (name, gate) in gates where openings[name] == nil && gate.breaker.state != .closed {
                gates[name]?.learnClosed(askedAt: askedAt, now: now)
            }
            if gates.count > Self.limit { gates = gates.filter { !$0.value.isForgettable(now: now) } }
            return changes
        }
    }

    /// Those whose breaker is not closed.
    package var failing: [String: CircuitBreaker.State] {
        gates.withLock { gates in gates.mapValues(\.breaker.state).filter { $0.value != .closed } }
    }

    package subscript(name: String) -> DestinationGate? { gates.withLock { $0[name] } }
}

extension DestinationGate {
    fileprivate mutating func admit(
        _ callTimes: ArraySlice<ContinuousClock.Instant>, of destination: DestinationEntry,
        now: ContinuousClock.Instant,
        into decisions: inout [(decision: Decision, pass: Pass?)]
    ) {
        for callAt in callTimes {
            let decision = admit(now: now, callAt: callAt, destination.settings)
            var pass: Pass?
            if case .start(let generation, let notBefore) = decision {
                pass = Pass(destination: destination, generation: generation, notBefore: notBefore)
            }
            decisions.append((decision, pass))
        }
    }
}

extension DestinationGates.Change {
    /// For a person.
    func notice(_ clock: ClusterClock) -> String {
        guard let openUntil else { return "the destination works again: its calls go on" }
        return
            "the destination fails: its tasks wait, without using attempts, until \(clock.time(at: openUntil).rfc3339)"
    }

    /// For the other instances.
    func report(_ clock: ClusterClock) -> DestinationReport {
        DestinationReport(
            url: name, openUntil: openUntil.map { clock.time(at: $0) },
            failingSince: failingSince.map { clock.time(at: $0) })
    }
}
