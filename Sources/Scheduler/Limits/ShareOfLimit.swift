/// What one of several instances may use of a limit that holds for all of them together.
///
/// The shares of all ranks are the limit, to the last one: whoever is lower in rank gets the remainders. When there is
/// less than one for each, the lowest ranks have it all. A share never grows when another member joins behind.
package struct ShareOfLimit: Sendable, Equatable {
    /// From 0; nil: it is none of the members, and has no share.
    package var rank: Int?
    package var members: Int

    package init(rank: Int?, members: Int) {
        self.rank = rank
        self.members = members
    }

    /// - Parameter members: by age, the oldest first: a new one takes nobody's rank.
    package init(of member: UInt64, among members: [UInt64]) {
        self.init(rank: members.firstIndex(of: member), members: members.count)
    }

    /// Of a whole number of things, such as calls in flight.
    package func of(_ limit: Int) -> Int {
        guard let rank, rank < members, limit > rank else { return 0 }
        return (limit - rank - 1) / members + 1
    }

    /// Of a rate. Who may never do anything at once needs none: it is shared by those that have a share of the burst.
    package func of(rate: Double, burst: Int) -> (rate: Double, burst: Int) {
        let burstShare = of(burst)
        guard burstShare > 0 else { return (0, 0) }
        return (rate / Double(min(members, burst)), burstShare)
    }
}
