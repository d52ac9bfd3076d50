import ArgumentParser
import Glibc
import Simulation

/// Runs the engine in simulated clusters, or one of them with everything that happens in it.
@main struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Runs the engine in simulated clusters with seeded faults.")

    @Option(help: "How many seeds.") var seeds: UInt64 = 10_000
    @Option(help: "The first seed.") var first: UInt64 = 1
    @Option(help: "This seed alone, with everything that happens in it.") var seed: UInt64?
    @Option(
        help:
            "Builds a mistake in: \(Breakage.allCases.map(\.rawValue).joined(separator: ", ")); `all`: one after the other."
    )
    var breakage: String?
    @Option(help: "How many failures end the run.") var failures = 1

    func run() throws {
        var breakages: [Breakage?] = [nil]
        if let breakage {
            breakages = breakage == "all" ? Breakage.allCases : [Breakage(rawValue: breakage)]
            if breakages.contains(nil) { throw ValidationError("\(breakage) is not known") }
        }
        if let seed { return try replay(seed, breakages[0]) }
        var isGood = true
        for breakage in breakages {
            let result = Campaign.run(seeds: first..<first + seeds, breakage: breakage, failureLimit: failures)
            let rate = Double(result.seeds) / result.seconds
            print(
                "\(breakage?.rawValue ?? "as it is"): \(result.seeds) seeds in \(tenths(result.seconds)) s"
                    + " (\(tenths(rate)) a second), \(result.calls) calls, \(result.lost) attempts lost")
            for failure in result.failures { print("  seed \(failure.seed): \(failure.violation ?? "")") }
            isGood = isGood && result.failures.isEmpty == (breakage == nil)
        }
        if !isGood { throw ExitCode.failure }
    }

    private func replay(_ seed: UInt64, _ breakage: Breakage?) throws {
        let report = Simulation.run(seed: seed, breakage: breakage, tracing: true)
        for line in report.trace { print(line) }
        print(
            "seed \(seed): \(report.violation ?? "all invariants held"); \(report.tasks) tasks, \(report.calls) calls,"
                + " \(report.lost) attempts lost, \(tenths(report.length)) s of virtual time")
        if report.violation != nil { throw ExitCode.failure }
    }

    private func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}
