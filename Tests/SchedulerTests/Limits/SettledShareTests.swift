import Scheduler
import Testing

@Suite struct SettledShareTests {
    /// A rank of so many, seen at a second; and what is in force then.
    struct Step: Sendable {
        let second: Int
        let seen: (Int?, Int)
        let inForce: (Int?, Int)

        init(_ second: Int, _ seen: (Int?, Int), _ inForce: (Int?, Int)) {
            self.second = second
            self.seen = seen
            self.inForce = inForce
        }
    }

    @Test(arguments: [
        // Alone from the beginning, then with others, then alone again.
        [Step(0, (0, 1), (0, 1)), Step(3, (0, 2), (0, 2)), Step(6, (0, 3), (0, 3)), Step(9, (0, 1), (0, 1))],
        // Who joins has nothing until all have seen it.
        [Step(0, (1, 2), (nil, 1)), Step(9, (1, 2), (nil, 1)), Step(10, (1, 2), (1, 2))],
        // One of three ends: the others have more after the time.
        [
            Step(0, (2, 3), (nil, 1)), Step(10, (2, 3), (2, 3)), Step(12, (1, 2), (2, 3)), Step(15, (1, 2), (2, 3)),
            Step(22, (1, 2), (1, 2)),
        ],
        // What is seen changes meanwhile: the time begins anew.
        [
            Step(0, (1, 2), (nil, 1)), Step(6, (1, 3), (nil, 1)), Step(12, (1, 3), (nil, 1)), Step(16, (1, 3), (1, 3)),
        ],
        // It ends, and begins again as the youngest.
        [Step(0, (0, 1), (0, 1)), Step(3, (nil, 1), (nil, 1)), Step(4, (1, 2), (nil, 1)), Step(14, (1, 2), (1, 2))],
    ])
    func growsLate(_ steps: [Step]) {
        let start = ContinuousClock.now
        var share = SettledShare()
        #expect(share.inForce.of(1000) == 0)
        for step in steps {
            share.set(
                ShareOfLimit(rank: step.seen.0, members: step.seen.1), now: start + .seconds(step.second),
                patience: .seconds(10))
            #expect(share.inForce == ShareOfLimit(rank: step.inForce.0, members: step.inForce.1), "\(step.second)")
        }
    }
}
