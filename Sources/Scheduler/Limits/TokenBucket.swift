/// How often something may be done: `rate` times a second, and up to `burst` times at once after a pause. No clock of
/// its own.
///
/// Tokens can be taken ahead of their time: whoever takes one is told when it is there, and acts then. So calls come
/// evenly though they are prepared in batches.
package struct TokenBucket: Sendable, Equatable {
    package private(set) var rate: Double
    package private(set) var burst: Int
    /// Below zero: so many were taken ahead of their time.
    private var tokens: Double
    private var filledAt: ContinuousClock.Instant

    /// For what has come a hair before its time by the arithmetic of floating point.
    private static let hair = 1e-6

    /// - Parameters:
    ///   - rate: tokens a second; fractions are allowed, and 0 gives none.
    ///   - burst: the most that are kept. 0 gives none.
    ///   - isFull: whether it begins with `burst` tokens; else with none.
    package init(rate: Double, burst: Int, isFull: Bool = true, at now: ContinuousClock.Instant) {
        self.rate = max(0, rate)
        self.burst = max(0, burst)
        tokens = isFull ? Double(self.burst) : 0
        filledAt = now
    }

    /// Another rate and another burst from now on; what is in it stays, as far as there is room, and so does what was
    /// taken ahead.
    package mutating func change(rate: Double, burst: Int, at now: ContinuousClock.Instant) {
        fill(now)
        self.rate = max(0, rate)
        self.burst = max(0, burst)
        tokens = min(tokens, Double(self.burst))
    }

    /// Tokens there are.
    package func count(at now: ContinuousClock.Instant) -> Int {
        max(0, Int(level(now) + Self.hair))
    }

    /// When the next token is there, `now` at the earliest. nil: never at this rate.
    package func next(at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        time(ofNextAbove: level(now), now)
    }

    /// Takes one token if one is there.
    package mutating func take(at now: ContinuousClock.Instant) -> Bool {
        take(upTo: 1, within: .zero, at: now).count == 1
    }

    /// Takes up to `limit` tokens of those that are there within `ahead`.
    /// - Returns: when each is there, in order.
    package mutating func take(
        upTo limit: Int, within ahead: Duration, at now: ContinuousClock.Instant
    ) -> [ContinuousClock.Instant] {
        fill(now)
        let end = now.advanced(by: ahead)
        var times: [ContinuousClock.Instant] = []
        while times.count < limit, let time = time(ofNextAbove: tokens, now), time <= end {
            times.append(time)
            tokens -= 1
        }
        return times
    }

    /// How many `take` would give.
    package func count(upTo limit: Int, within ahead: Duration, at now: ContinuousClock.Instant) -> Int {
        var copy = self
        return copy.take(upTo: limit, within: ahead, at: now).count
    }

    /// Puts back tokens that were taken and not used.
    package mutating func putBack(_ count: Int) {
        tokens = min(tokens + Double(count), Double(burst))
    }

    private func time(ofNextAbove level: Double, _ now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        let missing = 1 - Self.hair - level
        if missing <= 0 { return burst > 0 ? now : nil }
        guard rate > 0, burst > 0 else { return nil }
        // A rate of one in a year is as good as never, and does not overflow.
        return now.advanced(by: .seconds(min(missing / rate, 31_536_000)))
    }

    private func level(_ now: ContinuousClock.Instant) -> Double {
        let passed = filledAt.duration(to: now) / .seconds(1)
        return min(Double(burst), tokens + rate * max(0, passed))
    }

    private mutating func fill(_ now: ContinuousClock.Instant) {
        tokens = level(now)
        filledAt = max(filledAt, now)
    }
}
