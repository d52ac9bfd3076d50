/// How the receiver of a task's calls behaves.
enum Destination: Sendable {
    case succeeds
    case failsFirst(Int)
    case alwaysFails
    /// Answers the first so many calls by asking for a pause of so many seconds.
    case busyFirst(Int, pause: Int)
    /// Says that it will never be otherwise.
    case gone
    case slow
    /// Answers the first so many calls never: the timeout ends them.
    case hangsFirst(Int)

    struct Answer {
        var delay: Int64
        /// 0: none came within the timeout.
        var status: Int
        /// Seconds.
        var retryAfter: Int?
    }

    /// The status that every task's rule takes for final.
    static let finalStatus = 410

    init(_ random: inout SeededRandom) {
        self = random.pick([
            .succeeds, .succeeds, .succeeds, .succeeds, .failsFirst(random.integer(1...3)), .alwaysFails, .slow,
            .busyFirst(random.integer(1...2), pause: random.integer(1...4)), .gone, .hangsFirst(random.integer(1...2)),
        ])
    }

    /// - Parameter calls: how many were made before.
    func answer(after calls: Int, timeout: Int64, _ random: inout SeededRandom) -> Answer {
        let quick = random.time(0...30)
        switch self {
        case .succeeds: return Answer(delay: quick, status: 200)
        case .failsFirst(let count): return Answer(delay: quick, status: calls < count ? 500 : 200)
        case .alwaysFails: return Answer(delay: quick, status: 503)
        case .busyFirst(let count, let pause):
            return calls < count
                ? Answer(delay: quick, status: 429, retryAfter: pause) : Answer(delay: quick, status: 200)
        case .gone: return Answer(delay: quick, status: Self.finalStatus)
        case .slow:
            let delay = random.time(100...3000)
            return delay < timeout ? Answer(delay: delay, status: 200) : Answer(delay: timeout, status: 0)
        case .hangsFirst(let count):
            return calls < count ? Answer(delay: timeout, status: 0) : Answer(delay: quick, status: 200)
        }
    }
}
