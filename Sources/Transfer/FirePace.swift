/// How many calls may begin now, so that no more run at once than it takes to keep their receivers busy.
///
/// libcurl looks for a free connection among all that go to a receiver, and a receiver that answers in a moment does not
/// answer sooner when it has hundreds of calls: with few under way, one thread makes half as many calls again. Beyond
/// `calm` further calls begin at a pace at which even a slow receiver soon has all that it may have. No clock of its own.
struct FirePace {
    /// Calls that run without further ado.
    static let calm = 64
    /// Nanoseconds between calls beyond that: 32,000 a second.
    private static let interval: Int64 = 31_250
    /// What may begin at once when nothing has begun for a while.
    private static let burst: Int64 = 32
    /// Fewer are not worth waking up for.
    private static let least: Int64 = 8

    /// When the next call beyond the calm would begin in an even flow, in `Timebase` nanoseconds.
    private var next: Int64 = .min / 2

    /// - Parameter running: calls under way.
    /// - Returns: how many may begin now.
    func room(running: Int, now: Int64) -> Int {
        let paced = now < next ? 0 : min(Self.burst, (now - next) / Self.interval + 1)
        return max(0, Self.calm - running) + (paced < Self.least ? 0 : Int(paced))
    }

    /// When more may begin although none has ended.
    var nextRoom: Int64 { next + (Self.least - 1) * Self.interval }

    /// Takes in that calls have begun.
    mutating func began(_ count: Int, running: Int, now: Int64) {
        // Those that had a place within the calm are for nothing.
        let paced = Int64(min(count, max(0, running - Self.calm)))
        if paced > 0 { next = max(next, now - Self.burst * Self.interval) + paced * Self.interval }
    }
}
