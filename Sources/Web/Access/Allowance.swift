/// How often a key may be used: so many requests a second, and as many at once after a pause.
///
/// The generic cell rate algorithm: one instant, before which everything allowed so far is used up.
struct Allowance {
    private var usedUpTo: ContinuousClock.Instant?

    /// - Returns: nil when a request is allowed, which is then counted; else how long until one is.
    mutating func take(_ now: ContinuousClock.Instant, perSecond rate: Int) -> Duration? {
        let interval = Duration.seconds(1) / rate
        let start = max(usedUpTo ?? now, now)
        // A second's worth may be ahead of the clock.
        let excess = now.duration(to: start) + interval - .seconds(1)
        if excess > .zero { return excess }
        usedUpTo = start.advanced(by: interval)
        return nil
    }
}
