/// Time and chance, as the engine sees them: the host's, or those of a simulation.
package protocol Timekeeper: Sendable {
    /// A clock that nobody sets and that runs on while the host sleeps.
    func now() -> ContinuousClock.Instant
    /// Returns at `instant`, or throws `CancellationError` when the task is cancelled.
    func sleep(until instant: ContinuousClock.Instant) async throws
    /// A random number for the length of a pause.
    func jitter(_ range: ClosedRange<Int>) -> Int
    /// Random bits for an identity.
    func randomBits() -> UInt64
}

/// The host's.
package struct SystemTime: Timekeeper {
    package init() {}

    package func now() -> ContinuousClock.Instant { .now }

    package func sleep(until instant: ContinuousClock.Instant) async throws {
        try await Task.sleep(until: instant, tolerance: .zero, clock: .continuous)
    }

    package func jitter(_ range: ClosedRange<Int>) -> Int { .random(in: range) }

    package func randomBits() -> UInt64 { .random(in: 0 ... .max) }
}

extension Timekeeper {
    package func sleep(for duration: Duration) async throws {
        try await sleep(until: now().advanced(by: duration))
    }
}
