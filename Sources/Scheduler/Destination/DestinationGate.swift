/// What one destination lets through now, as this instance knows it. No clock of its own.
package struct DestinationGate: Sendable {
    package struct Settings: Sendable, Equatable {
        package var breaker = CircuitBreaker.Settings()
        /// Calls at once that it may have however long they take.
        package var slots = 384
        /// Calls at once that it may have at all; nil: no limit of its own.
        package var concurrency: Int?
        /// Calls a second, and at once after a pause; nil: no limit of its own.
        package var rate: Rate?
        /// At which what was put off comes back.
        package var returnsPerSecond = 500.0
        /// Somebody does not want it to be called.
        package var isPaused = false
        /// Of its limit other instances have everything.
        package var isForOthers = false
        /// The longest that its own `Retry-After` holds for all.
        package var longestRetryAfter: Duration = .seconds(300)

        package init() {}
    }

    package struct Rate: Sendable, Equatable {
        package var perSecond: Double
        package var burst: Int

        package init(perSecond: Double, burst: Int) {
            self.perSecond = perSecond
            self.burst = burst
        }
    }

    /// What becomes of a task that is about to be started.
    package enum Decision: Sendable, Equatable {
        /// It is called, under the breaker's generation, and by its rate not before a time.
        case start(generation: Int, notBefore: ContinuousClock.Instant? = nil)
        /// It has no room for a moment.
        case hold
        case putOff(until: ContinuousClock.Instant, Reason)
    }

    package enum Reason: String, Sendable, CaseIterable {
        /// Its breaker is open, or half open and has its probes.
        case failing
        case paused
        /// As many calls run as may.
        case full
        /// As many were called lately as may be.
        case limited
        /// Of its limit other instances have everything: they are to call it.
        case elsewhere
        /// It asked for a pause.
        case asked
    }

    package private(set) var breaker = CircuitBreaker()
    /// Tasks that were started and whose call has not ended.
    package private(set) var inFlight = 0
    package private(set) var lastUsedAt: ContinuousClock.Instant
    /// Calls at once, after it failed or was overloaded; nil: it may take what it takes.
    package private(set) var allowance: Double?
    /// It grows by one with each success, as after a failure; else by one with each round of them.
    private var growsFast = false
    private var shrunkAt: ContinuousClock.Instant?
    private var flow = FlowMeter()
    private var line = ReturnLine()
    private var bucket: TokenBucket?
    private var fullSince: ContinuousClock.Instant?
    package private(set) var askedUntil: ContinuousClock.Instant?
    private var asksInARow = 0
    /// As it was when it was last asked.
    private var isPaused = false

    /// With which it begins again when its breaker has closed.
    private static let firstAllowance = 8.0
    /// A moment without room is waited for where the task is; then it makes room for others.
    private static let patience: Duration = .milliseconds(250)
    private static let pauseWhenFull: Duration = .seconds(1)
    /// Nobody says when a destination that somebody has paused goes on.
    private static let pauseWhenPaused: Duration = .seconds(300)
    /// Calls are evenly apart though they are started in batches.
    private static let ahead: Duration = .milliseconds(100)
    /// Answers of calls that ran side by side say the same thing once.
    private static let shrinksEvery: Duration = .milliseconds(500)

    package init(now: ContinuousClock.Instant) {
        lastUsedAt = now
    }

    /// - Parameter callAt: when it would be called, which may be a moment after it is started; nil: now.
    package mutating func admit(
        now: ContinuousClock.Instant, callAt: ContinuousClock.Instant? = nil, _ settings: Settings
    ) -> Decision {
        lastUsedAt = now
        let callAt = max(now, callAt ?? now)
        func putOff(_ time: ContinuousClock.Instant, _ reason: Reason) -> Decision {
            .putOff(until: line.next(notBefore: time, perSecond: settings.returnsPerSecond), reason)
        }
        if settings.isPaused {
            isPaused = true
            return putOff(callAt.advanced(by: Self.pauseWhenPaused), .paused)
        }
        if isPaused {
            // Whoever lets it go on does not want it to wait any longer.
            isPaused = false
            (askedUntil, asksInARow) = (nil, 0)
        }
        if settings.isForOthers { return .putOff(until: callAt.advanced(by: Self.pauseWhenFull), .elsewhere) }
        if let askedUntil, callAt < askedUntil { return putOff(askedUntil, .asked) }
        if case .open(let until) = breaker.state, callAt < until, settings.breaker.failures > 0 {
            return putOff(until, .failing)
        }
        guard inFlight < limit(now, settings) else {
            let since = fullSince ?? now
            fullSince = since
            return since.duration(to: now) < Self.patience
                ? .hold : putOff(callAt.advanced(by: Self.pauseWhenFull), .full)
        }
        switch breaker.permit(now: callAt, settings.breaker) {
        case .refused(let until): return putOff(until, .failing)
        case .granted:
            var notBefore: ContinuousClock.Instant?
            if let rate = settings.rate {
                let token = take(rate, now)
                guard let time = token.time else {
                    breaker.withdraw(generation: breaker.generation)
                    let next = token.next ?? now.advanced(by: Self.pauseWhenFull)
                    let pace = min(settings.returnsPerSecond, max(rate.perSecond, 1))
                    return .putOff(until: line.next(notBefore: next, perSecond: pace), .limited)
                }
                notBefore = time > now ? time : nil
            }
            inFlight += 1
            return .start(generation: breaker.generation, notBefore: notBefore)
        }
    }

    /// - Returns: when it may be called; or, when there is no token, when there is one next, never without a share.
    private mutating func take(
        _ rate: Rate, _ now: ContinuousClock.Instant
    ) -> (time: ContinuousClock.Instant?, next: ContinuousClock.Instant?) {
        var tokens = bucket ?? TokenBucket(rate: rate.perSecond, burst: rate.burst, at: now)
        if tokens.rate != rate.perSecond || tokens.burst != rate.burst {
            tokens.change(rate: rate.perSecond, burst: rate.burst, at: now)
        }
        let time = tokens.take(upTo: 1, within: Self.ahead, at: now).first
        bucket = tokens
        return (time, time == nil ? tokens.next(at: now) : nil)
    }

    /// More than its slots only while calls end within about a second: one that hangs has no more than those.
    private mutating func limit(_ now: ContinuousClock.Instant, _ settings: Settings) -> Int {
        let limit = min(settings.concurrency ?? .max, max(settings.slots, flow.perSecond(now: now)))
        return min(limit, allowance.map { Int($0) } ?? .max)
    }

    /// What was let through was not called.
    package mutating func withdraw(generation: Int) {
        inFlight -= 1
        bucket?.putBack(1)
        breaker.withdraw(generation: generation)
    }

    /// Takes in how a call has ended.
    /// - Parameter retryAfter: until when it wants to be left alone, by the header of that name.
    package mutating func ended(
        _ sign: CallSign, generation: Int, retryAfter: ContinuousClock.Instant?, now: ContinuousClock.Instant,
        jitter: Double, _ settings: Settings
    ) -> CircuitBreaker.Transition? {
        inFlight -= 1
        lastUsedAt = now
        flow.add(1, now: now)
        let transition = breaker.ended(sign, generation: generation, now: now, jitter: jitter, settings.breaker)
        switch sign {
        case .overloaded: shrink(now, retryAfter, settings)
        case .healthy: grow(settings)
        case .failed, .neutral: break
        }
        if transition == .closed { (allowance, growsFast) = (Self.firstAllowance, true) }
        if fullSince != nil, inFlight * 2 <= limit(now, settings) { fullSince = nil }
        return transition
    }

    private mutating func shrink(
        _ now: ContinuousClock.Instant, _ retryAfter: ContinuousClock.Instant?, _ settings: Settings
    ) {
        asksInARow = retryAfter == nil ? 0 : asksInARow + 1
        // One answer may be about one task; two in a row are about the destination.
        if asksInARow > 1, let retryAfter {
            askedUntil = max(askedUntil ?? now, min(retryAfter, now.advanced(by: settings.longestRetryAfter)))
        }
        if let shrunkAt, shrunkAt.duration(to: now) < Self.shrinksEvery { return }
        shrunkAt = now
        allowance = max(1, min(allowance ?? .infinity, Double(inFlight + 1)) / 2)
        growsFast = false
    }

    private mutating func grow(_ settings: Settings) {
        asksInARow = 0
        guard let allowance else { return }
        let next = allowance + (growsFast ? 1 : 1 / allowance)
        self.allowance = next < Double(settings.slots) ? next : nil
    }

    // MARK: What others know

    @discardableResult
    package mutating func learn(
        openUntil until: ContinuousClock.Instant, now: ContinuousClock.Instant
    ) -> CircuitBreaker.Transition? {
        breaker.learn(openUntil: until, now: now)
    }

    package mutating func learnClosed(askedAt: ContinuousClock.Instant, now: ContinuousClock.Instant) {
        breaker.learnClosed(askedAt: askedAt, now: now)
    }

    /// Longer than any of what it knows is of use.
    private static let isRemembered: Duration = .seconds(3600)

    /// Nothing is known of it that a new one would not know, or it is long ago.
    package func isForgettable(now: ContinuousClock.Instant) -> Bool {
        if inFlight > 0 { return false }
        if lastUsedAt.duration(to: now) > Self.isRemembered { return askedUntil.map { $0 <= now } ?? true }
        return breaker.state == .closed && allowance == nil && bucket == nil && askedUntil == nil
    }
}
