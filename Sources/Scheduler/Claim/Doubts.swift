import Synchronization

/// When this instance may have claims that its wheel does not know: a row was put into `claims`, or may have been, and
/// the answer to the COMMIT was lost. Then it has to look, and again a little later: the transaction may have been
/// under way still.
package final class Doubts: Sendable {
    private struct State {
        var nextLook: ContinuousClock.Instant?
        var until: ContinuousClock.Instant?
    }

    private let state = Mutex(State())

    private static let interval: Duration = .seconds(5)
    /// Longer than a server keeps a transaction whose client is gone.
    private static let span: Duration = .seconds(30)

    package init() {}

    package func raise(at now: ContinuousClock.Instant) {
        state.withLock { $0 = State(nextLook: now, until: now.advanced(by: Self.span)) }
    }

    package func isDue(at now: ContinuousClock.Instant) -> Bool {
        state.withLock { $0.nextLook.map { $0 <= now } ?? false }
    }

    /// - Parameter sentAt: when the question was sent that has been answered now.
    package func settle(sentAt: ContinuousClock.Instant) {
        state.withLock { state in
            guard let look = state.nextLook, let until = state.until, look <= sentAt else { return }
            state.nextLook = sentAt < until ? sentAt.advanced(by: Self.interval) : nil
        }
    }
}
