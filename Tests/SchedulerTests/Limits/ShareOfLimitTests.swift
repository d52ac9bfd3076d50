import Scheduler
import Testing

@Suite struct ShareOfLimitTests {
    /// Limit, members, and the share of each rank.
    @Test(
        arguments: [
            (10, 4, [3, 3, 2, 2]), (1, 4, [1, 0, 0, 0]), (0, 3, [0, 0, 0]), (3, 4, [1, 1, 1, 0]), (8, 4, [2, 2, 2, 2]),
            (100, 1, [100]), (7, 2, [4, 3]), (1000, 3, [334, 333, 333]),
        ] as [(Int, Int, [Int])])
    func theSharesAreTheLimit(limit: Int, members: Int, shares: [Int]) {
        let given = (0..<members).map { ShareOfLimit(rank: $0, members: members).of(limit) }
        #expect(given == shares)
        #expect(given.reduce(0, +) == limit)
    }

    /// Rate, burst, members, and the share of each rank.
    @Test(
        arguments: [
            (100, 10, 4, [25, 25, 25, 25], [3, 3, 2, 2]), (0.5, 1, 3, [0.5, 0, 0], [1, 0, 0]),
            (6, 2, 4, [3, 3, 0, 0], [1, 1, 0, 0]), (100, 0, 2, [0, 0], [0, 0]),
        ] as [(Double, Int, Int, [Double], [Int])])
    func ratesGoToThoseWhoMayUseThem(rate: Double, burst: Int, members: Int, rates: [Double], bursts: [Int]) {
        let given = (0..<members).map { ShareOfLimit(rank: $0, members: members).of(rate: rate, burst: burst) }
        #expect(given.map(\.rate) == rates)
        #expect(given.map(\.burst) == bursts)
    }

    @Test func whoIsNoMemberHasNoShare() {
        #expect(ShareOfLimit(rank: nil, members: 3).of(10) == 0)
        #expect(ShareOfLimit(of: 9, among: [1, 2]).of(rate: 5, burst: 5) == (0, 0))
        #expect(ShareOfLimit(of: 2, among: [1, 2]) == ShareOfLimit(rank: 1, members: 2))
    }

    @Test func nobodyGainsByAnotherOneJoining() {
        for limit in 0...40 {
            for members in 1...12 {
                for rank in 0..<members {
                    let before = ShareOfLimit(rank: rank, members: members)
                    let after = ShareOfLimit(rank: rank, members: members + 1)
                    #expect(after.of(limit) <= before.of(limit))
                    #expect(after.of(rate: 60, burst: limit).rate <= before.of(rate: 60, burst: limit).rate)
                }
            }
        }
    }
}
