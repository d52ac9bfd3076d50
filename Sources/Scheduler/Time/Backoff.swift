/// Growing, jittered pauses between tries while something is away.
package struct Backoff: Sendable {
    private var milliseconds = 25
    private static let longest = 2000

    package init() {}

    package mutating func reset() {
        milliseconds = 25
    }

    /// Returns early when the task is cancelled.
    package mutating func pause(_ time: any Timekeeper) async {
        let pause = time.jitter(milliseconds / 2...milliseconds)
        milliseconds = min(milliseconds * 2, Self.longest)
        // Cancelled: the caller's loop sees it.
        try? await time.sleep(for: .milliseconds(pause))
    }
}
