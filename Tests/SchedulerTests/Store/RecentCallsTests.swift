import Scheduler
import Testing

@Suite struct RecentCallsTests {
    @Test(arguments: [
        ([(100, 1)], 0.5, 100), ([(100, 1)], 0.99, 100), ([(100, 1), (200, 1)], 0.5, 100),
        ([(100, 1), (200, 2)], 0.5, 200), ([(100, 99), (5000, 1)], 0.99, 100), ([(100, 98), (5000, 2)], 0.99, 5000),
        ([(100, 0), (200, 4)], 0.5, 200),
    ])
    func aPartTookAtMostSoLong(_ steps: [(Int, Int)], _ part: Double, _ microseconds: Int) {
        let steps = steps.map { (bound: $0.0, calls: $0.1) }
        #expect(RecentCalls.quantile(part, of: steps) == .microseconds(microseconds))
    }

    @Test func ofNothingItIsNothing() {
        #expect(RecentCalls.quantile(0.5, of: []) == .zero)
    }
}
