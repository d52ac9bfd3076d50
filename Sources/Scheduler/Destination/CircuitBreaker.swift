/// Whether a destination is called at all: not while it fails, and then first by a few calls. No clock of its own.
///
/// Closed, every call may be made. It opens when calls have failed one after the other, or when most of those of a while
/// have. Open, none is made, for an interval that doubles each time. Then it is half open: a few calls are let through,
/// and what they bring closes it, or opens it again.
package struct CircuitBreaker: Sendable {
    package struct Settings: Sendable, Equatable {
        /// So many failures in a row open it; 0: it never opens.
        package var failures = 15
        /// So does this part of the calls of `window`, when there are `minimumCalls`.
        package var failurePercent = 75
        package var minimumCalls = 20
        package var window: Duration = .seconds(30)
        package var interval: Duration = .seconds(5)
        package var longestInterval: Duration = .seconds(300)
        /// Calls that are let through half open, and successes that close it.
        package var probes = 3

        package init() {}
    }

    package enum State: Sendable, Equatable {
        case closed
        case open(until: ContinuousClock.Instant)
        case halfOpen
    }

    package enum Permit: Sendable, Equatable {
        case granted
        case refused(until: ContinuousClock.Instant)
    }

    package enum Transition: Sendable, Equatable {
        case opened
        case closed
    }

    package private(set) var state = State.closed
    /// Counts the states: a call tells nothing about the ones after that in which it was begun.
    package private(set) var generation = 0
    /// When it opened after it was last closed; nil: it is closed.
    package private(set) var failingSince: ContinuousClock.Instant?
    private var openedAt: ContinuousClock.Instant?
    /// When it was last called with success while it was closed.
    private var healthyAt: ContinuousClock.Instant?
    private var failuresInARow = 0
    private var recent = FailureWindow()
    /// Of the last opening.
    private var interval: Duration?
    private var probesRunning = 0
    private var successes = 0

    /// For so long a success here counts for more than what another instance has found.
    private static let isTrusted: Duration = .seconds(10)

    package init() {}

    /// To be asked for each call; what is granted is to be told by `ended` or `withdraw`.
    package mutating func permit(now: ContinuousClock.Instant, _ settings: Settings) -> Permit {
        if settings.failures == 0 { return .granted }
        if case .open(let until) = state {
            if now < until { return .refused(until: until) }
            enter(.halfOpen)
        }
        guard state == .halfOpen else { return .granted }
        // One may always run: there may have been enough of them before fewer were asked for.
        guard probesRunning <= 0 || probesRunning + successes < max(1, settings.probes) else {
            return .refused(until: now.advanced(by: interval ?? settings.interval))
        }
        probesRunning += 1
        return .granted
    }

    /// A call that was granted was not made.
    package mutating func withdraw(generation: Int) {
        if generation == self.generation, state == .halfOpen { probesRunning -= 1 }
    }

    /// Takes in how a call has ended that was granted in `generation`.
    /// - Parameter jitter: 0 to 1, by which the interval is made a fifth shorter to a fifth longer.
    package mutating func ended(
        _ sign: CallSign, generation: Int, now: ContinuousClock.Instant, jitter: Double, _ settings: Settings
    ) -> Transition? {
        guard generation == self.generation else { return nil }
        // It was open when somebody did without it.
        if settings.failures == 0, state != .closed { return close() }
        switch state {
        case .open: return nil
        case .closed:
            guard sign != .neutral, settings.failures > 0 else { return nil }
            if sign == .healthy { healthyAt = now }
            failuresInARow = sign.isFailure ? failuresInARow + 1 : 0
            recent.add(isFailure: sign.isFailure, now: now, settings.window)
            let isBad =
                failuresInARow >= settings.failures
                || (sign.isFailure && recent.calls >= settings.minimumCalls
                    && recent.failures * 100 >= settings.failurePercent * recent.calls)
            if isBad { open(now: now, jitter: jitter, settings) }
            return isBad ? .opened : nil
        case .halfOpen:
            probesRunning -= 1
            if sign.isFailure {
                open(now: now, jitter: jitter, settings)
                return .opened
            }
            if sign == .healthy { successes += 1 }
            guard successes >= max(1, settings.probes) else { return nil }
            return close()
        }
    }

    private mutating func close() -> Transition {
        interval = nil
        failingSince = nil
        enter(.closed)
        return .closed
    }

    /// Another instance has found that it fails. Once its time is over, calls from here may tell, and end it for all.
    /// - Returns: `closed` when it works from here, so that it is the other instance that has lost its way.
    @discardableResult
    package mutating func learn(
        openUntil until: ContinuousClock.Instant, now: ContinuousClock.Instant
    ) -> Transition? {
        if case .open(let own) = state, own >= until { return nil }
        if state == .halfOpen, until <= now { return nil }
        if state == .closed, let healthyAt, healthyAt.duration(to: now) < Self.isTrusted { return .closed }
        failingSince = failingSince ?? now
        if until > now { interval = max(interval ?? .zero, now.duration(to: until)) }
        openedAt = now
        enter(.open(until: until))
        return nil
    }

    /// Another instance, or somebody, has found that it works: the next calls may tell.
    /// - Parameter askedAt: what has opened since then is news to them.
    package mutating func learnClosed(askedAt: ContinuousClock.Instant, now: ContinuousClock.Instant) {
        guard state != .closed, let openedAt, openedAt < askedAt else { return }
        // What comes is a failure of its own, which did not begin long ago.
        failingSince = nil
        interval = nil
        if case .open(let until) = state, until > now { state = .open(until: now) }
    }

    private mutating func open(now: ContinuousClock.Instant, jitter: Double, _ settings: Settings) {
        let next = min(settings.longestInterval, interval.map { $0 * 2 } ?? settings.interval)
        interval = next
        openedAt = now
        healthyAt = nil
        failingSince = failingSince ?? now
        enter(.open(until: now.advanced(by: next * (0.8 + 0.4 * jitter))))
    }

    private mutating func enter(_ state: State) {
        self.state = state
        generation += 1
        (failuresInARow, probesRunning, successes) = (0, 0, 0)
        recent = FailureWindow()
    }
}

/// Calls of the last while and failures among them, in tenths of it.
struct FailureWindow: Sendable {
    private var slots: [(at: ContinuousClock.Instant, calls: Int, failures: Int)] = []

    var calls: Int { slots.reduce(0) { $0 + $1.calls } }
    var failures: Int { slots.reduce(0) { $0 + $1.failures } }

    mutating func add(isFailure: Bool, now: ContinuousClock.Instant, _ length: Duration) {
        slots.removeAll { $0.at.duration(to: now) > length }
        if slots.last.map({ $0.at.duration(to: now) >= length / 10 }) ?? true { slots.append((now, 0, 0)) }
        slots[slots.count - 1].calls += 1
        if isFailure { slots[slots.count - 1].failures += 1 }
    }
}
