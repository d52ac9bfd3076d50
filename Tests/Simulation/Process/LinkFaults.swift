/// What happens on the way to the database: how often, and when.
///
/// One for each host; the windows of the whole database's absence are in all of them.
final class LinkFaults {
    /// Faults happen before this.
    var end: Int64 = 0
    var deadlocks = 0.0
    var lostBefore = 0.0
    var lostAfter = 0.0
    var slow = 0.0
    /// How often a claim finds rows locked that nobody takes in the end.
    var skips = 0.0
    /// Windows in which connecting is refused.
    var away: [Range<Int64>] = []
    /// Windows in which what is sent is neither answered nor refused.
    var silent: [Range<Int64>] = []

    struct Fate {
        /// Nanoseconds until the transaction takes place, until its answer is there, and until it is known what an
        /// unanswered COMMIT did.
        var request: Int64 = 0
        var reply: Int64 = 0
        var inquiry: Int64 = 0
        var ending = Ending.answered
    }

    enum Ending {
        case answered
        case deadlock
        case lostBefore
        case lostAfter
        /// The connection is lost, and the COMMIT takes effect only then.
        case late
    }

    func copy() -> LinkFaults {
        let other = LinkFaults()
        (other.end, other.deadlocks, other.lostBefore, other.lostAfter) = (end, deadlocks, lostBefore, lostAfter)
        (other.slow, other.skips) = (slow, skips)
        return other
    }

    func isAway(at time: Int64) -> Bool { away.contains { $0.contains(time) } }

    func silence(at time: Int64) -> Int64? { silent.first { $0.contains(time) }?.upperBound }

    func fate(at time: Int64, _ random: inout SeededRandom) -> Fate {
        var fate = Fate(request: random.time(0...2), reply: random.time(0...2))
        guard time < end else { return fate }
        if random.chance(slow) {
            fate.request += random.pick([random.time(5...200), random.time(100...4000)])
            fate.reply += random.time(0...200)
        }
        fate.inquiry = random.pick([random.time(1...50), random.time(50...5000)])
        if random.chance(deadlocks) {
            fate.ending = .deadlock
        } else if random.chance(lostBefore) {
            fate.ending = .lostBefore
        } else if random.chance(lostAfter) {
            fate.ending = random.chance(0.7) ? .lostAfter : .late
        }
        return fate
    }
}
