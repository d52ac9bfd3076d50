import Scheduler

/// The clocks of one host, and the pauses of one process on it.
///
/// `@unchecked`: see `World`.
final class VirtualTime: Timekeeper, @unchecked Sendable {
    private unowned let world: World
    private var random: SeededRandom
    /// The monotonic clock: it begins anywhere and runs a little too fast or too slow.
    private let offset: Int64
    private let partsPerMillion: Int64
    /// How far the wall clock has been set away from the monotonic one.
    var wallOffset: Int64 = 0
    private var sleepers: [Int: CheckedContinuation<Void, any Error>] = [:]
    private var last = 0
    private var hasEnded = false

    /// All instants are counted from one, which is the same for all worlds of a process.
    private static let origin = ContinuousClock.now

    init(_ world: World, _ random: SeededRandom, offset: Int64, partsPerMillion: Int64) {
        self.world = world
        self.random = random
        self.offset = offset
        self.partsPerMillion = partsPerMillion
    }

    func now() -> ContinuousClock.Instant { Self.origin.advanced(by: .nanoseconds(monotonic(world.now))) }

    /// As a program would see it that measures by the wall clock.
    func wallNow() -> ContinuousClock.Instant { now().advanced(by: .nanoseconds(wallOffset)) }

    private func monotonic(_ time: Int64) -> Int64 {
        offset + time + time / 1_000_000 * partsPerMillion + time % 1_000_000 * partsPerMillion / 1_000_000
    }

    /// The first true time at which the monotonic clock has reached `instant`.
    func trueTime(of instant: ContinuousClock.Instant) -> Int64 {
        let (seconds, attoseconds) = Self.origin.duration(to: instant).components
        guard abs(seconds) < 1_000_000 else { return seconds < 0 ? world.now : .max / 4 }
        let wanted = seconds * 1_000_000_000 + (attoseconds + (attoseconds > 0 ? 999_999_999 : 0)) / 1_000_000_000
        var guess = wanted - offset
        for _ in 0..<3 { guess += wanted - monotonic(guess) }
        while monotonic(guess) < wanted { guess += 1 }
        while monotonic(guess - 1) >= wanted { guess -= 1 }
        return guess
    }

    func jitter(_ range: ClosedRange<Int>) -> Int { random.integer(range) }

    func randomBits() -> UInt64 { random.next() }

    func sleep(until instant: ContinuousClock.Instant) async throws {
        last += 1
        let number = last
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                if hasEnded || Task.isCancelled {
                    continuation.resume(throwing: CancellationError())
                    return
                }
                sleepers[number] = continuation
                world.at(trueTime(of: instant)) { [self] in sleepers.removeValue(forKey: number)?.resume() }
            }
        } onCancel: {
            if let sleeper = sleepers.removeValue(forKey: number) {
                sleeper.resume(throwing: CancellationError())
            }
        }
    }

    /// The process is no more: nobody wakes again in it but to end.
    func end() {
        hasEnded = true
        for number in sleepers.keys.sorted() {
            sleepers.removeValue(forKey: number)?.resume(throwing: CancellationError())
        }
    }
}
