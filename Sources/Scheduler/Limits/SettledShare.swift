/// A share of limits that shrinks at once and grows late: when all others must have seen why, or must have lost their
/// leases. No clock of its own.
package struct SettledShare: Sendable {
    package private(set) var inForce = ShareOfLimit.none
    private var wanted: (share: ShareOfLimit, since: ContinuousClock.Instant)?

    package init() {}

    /// Takes in what the share would be if all others knew it too.
    /// - Parameter patience: for how long others may go by what they knew before.
    package mutating func set(_ share: ShareOfLimit, now: ContinuousClock.Instant, patience: Duration) {
        // Whoever is alone waits for nobody.
        if share.isWithin(inForce) || share.members == 1 {
            inForce = share
            wanted = nil
            return
        }
        let since = wanted.flatMap { $0.share == share ? $0.since : nil } ?? now
        wanted = (share, since)
        guard since.duration(to: now) >= patience else { return }
        inForce = share
        wanted = nil
    }
}

extension ShareOfLimit {
    package static let none = ShareOfLimit(rank: nil, members: 1)

    /// Never more than the other, of whatever limit.
    fileprivate func isWithin(_ other: ShareOfLimit) -> Bool {
        guard let rank else { return true }
        guard let otherRank = other.rank else { return false }
        return members >= other.members && rank >= otherRank
    }
}
