import Simulation
import TestSupport
import Testing

/// A short form of what `scripts/simulate` does. One at a time: each uses all processors, and others wait for them.
@Suite(.serialized) struct SimulationTests {
    @Test func invariantsHold() async throws {
        let result = try await onThread { Campaign.run(seeds: 1..<201) }
        for failure in result.failures {
            Issue.record("scripts/simulate --seed \(failure.seed): \(failure.violation ?? "")")
        }
        #expect(result.seeds == 200)
        #expect(result.lost > 0)
    }

    @Test(arguments: Breakage.allCases)
    func breakageIsCaught(_ breakage: Breakage) async throws {
        let result = try await onThread { Campaign.run(seeds: 1..<2001, breakage: breakage) }
        #expect(!result.failures.isEmpty)
    }

    @Test func seedReplays() async throws {
        let first = try await onThread { Simulation.run(seed: 8, tracing: true) }
        let second = try await onThread { Simulation.run(seed: 8, tracing: true) }
        #expect(first.calls > 0)
        #expect(first.trace == second.trace)
    }
}
