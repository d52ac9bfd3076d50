import Importer
import Synchronization

/// Says on standard error how far an import is, at most once a second.
final class ProgressLine: Sendable {
    private let saidAt = Mutex(ContinuousClock.now)

    func show(_ report: ImportReport) {
        let isDue = saidAt.withLock { saidAt in
            let now = ContinuousClock.now
            guard now - saidAt >= .seconds(1) else { return false }
            saidAt = now
            return true
        }
        guard isDue else { return }
        let counts = ImportReport.Kind.allCases.filter { report[$0].found > 0 }.map {
            "\(report[$0].found) \($0.rawValue)"
        }
        StandardError.write("so far: \(counts.joined(separator: ", "))\n")
    }
}
