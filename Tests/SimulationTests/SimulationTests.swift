import Simulation
import Testing

@Suite struct SimulationTests {
    @Test func invariantsHold() {
        let result = Campaign.run(seeds: 1..<101)
        for failure in result.failures {
            Issue.record("scripts/simulate --seed \(failure.seed): \(failure.violation ?? "")")
        }
    }
}
