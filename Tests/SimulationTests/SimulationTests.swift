import Simulation
import Testing

/// A short form of what `scripts/simulate` does.
@Suite struct SimulationTests {
    @Test func invariantsHold() {
        let result = Campaign.run(seeds: 1..<201)
        for failure in result.failures {
            Issue.record("scripts/simulate --seed \(failure.seed): \(failure.violation ?? "")")
        }
        #expect(result.seeds == 200)
        #expect(result.lost > 0)
    }

    @Test(arguments: Breakage.allCases)
    func breakageIsCaught(_ breakage: Breakage) {
        let result = Campaign.run(seeds: 1..<2001, breakage: breakage)
        #expect(!result.failures.isEmpty)
    }

    @Test func seedReplays() {
        let first = Simulation.run(seed: 8, tracing: true)
        let second = Simulation.run(seed: 8, tracing: true)
        #expect(first.calls > 0)
        #expect(first.trace == second.trace)
    }
}
