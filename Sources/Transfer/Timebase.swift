/// Instants as nanoseconds since the loop began: 8 bytes that compare in one instruction. Reaches 292 years either way;
/// what lies beyond is clamped.
struct Timebase: Sendable {
    let origin: ContinuousClock.Instant

    init(origin: ContinuousClock.Instant = .now) {
        self.origin = origin
    }

    /// Rounded down, so that "now" is never ahead of the clock.
    func elapsed(at instant: ContinuousClock.Instant) -> Int64 {
        let (quotient, remainder) = Self.attoseconds(instant - origin).quotientAndRemainder(dividingBy: 1_000_000_000)
        return Int64(clamping: remainder < 0 ? quotient - 1 : quotient)
    }

    /// Rounded up, so that what is due is never early.
    func due(at instant: ContinuousClock.Instant) -> Int64 {
        let (quotient, remainder) = Self.attoseconds(instant - origin).quotientAndRemainder(dividingBy: 1_000_000_000)
        return Int64(clamping: remainder > 0 ? quotient + 1 : quotient)
    }

    private static func attoseconds(_ duration: Duration) -> Int128 {
        let (seconds, attoseconds) = duration.components
        return Int128(seconds) * 1_000_000_000_000_000_000 + Int128(attoseconds)
    }
}
