/// How many calls have ended in about the last second.
struct FlowMeter: Sendable {
    private var since: ContinuousClock.Instant?
    private var current = 0
    private var previous = 0

    private static let half: Duration = .milliseconds(500)

    mutating func add(_ count: Int, now: ContinuousClock.Instant) {
        turn(now)
        current += count
    }

    mutating func perSecond(now: ContinuousClock.Instant) -> Int {
        turn(now)
        return current + previous
    }

    private mutating func turn(_ now: ContinuousClock.Instant) {
        guard let since else {
            self.since = now
            return
        }
        let age = since.duration(to: now)
        if age < Self.half { return }
        previous = age < Self.half * 2 ? current : 0
        current = 0
        self.since = now
    }
}
