/// When tasks that were put off come back: one after the other, so that a destination that works again is not flooded by
/// all that has waited for it, and one that does not costs no more than this. No clock of its own.
struct ReturnLine: Sendable {
    private var end: ContinuousClock.Instant?

    /// The place of the next one.
    mutating func next(notBefore: ContinuousClock.Instant, perSecond: Double) -> ContinuousClock.Instant {
        let place = max(end ?? notBefore, notBefore)
        end = place.advanced(by: .seconds(1 / max(0.001, perSecond)))
        return place
    }
}
