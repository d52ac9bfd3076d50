import Glibc
import MySQL

/// A bar on standard error, when that is a terminal; ten times a second at most.
final class ExportProgress {
    private let from: Timestamp
    private let to: Timestamp
    private let isShown = isatty(STDERR_FILENO) == 1
    private var shownAt: ContinuousClock.Instant?

    private static let width = 30

    init(from: Timestamp, to: Timestamp) {
        (self.from, self.to) = (from, to)
    }

    /// - Parameter reached: the time of creation that the export has come to.
    func show(_ reached: Timestamp, _ count: Int) {
        let now = ContinuousClock.now
        guard isShown, shownAt.map({ now - $0 >= .milliseconds(100) }) ?? true else { return }
        shownAt = now
        StandardError.write("\r" + line(reached, count))
    }

    func end(_ count: Int) {
        if isShown { StandardError.write("\r" + line(to, count) + "\n") }
    }

    func line(_ reached: Timestamp, _ count: Int) -> String {
        let share = min(1, max(0, Double((reached - from).microseconds) / Double((to - from).microseconds)))
        let done = Int(Double(Self.width) * share)
        let bar = String(repeating: "#", count: done) + String(repeating: " ", count: Self.width - done)
        return "[\(bar)] \(Int(share * 100)) % \(count) rows"
    }
}
