/// How the receiver of a task's calls behaves.
enum Destination: Sendable {
    case succeeds
    case failsFirst(Int)
    case alwaysFails
    case slow
    /// Answers the first so many calls never: the timeout ends them.
    case hangsFirst(Int)

    struct Answer {
        var delay: Int64
        /// 0: none came within the timeout.
        var status: Int
    }

    init(_ random: inout SeededRandom) {
        self = random.pick([
            .succeeds, .succeeds, .succeeds, .succeeds, .failsFirst(random.integer(1...3)), .alwaysFails, .slow,
            .hangsFirst(random.integer(1...2)),
        ])
    }

    /// - Parameter calls: how many were made before.
    func answer(after calls: Int, timeout: Int64, _ random: inout SeededRandom) -> Answer {
        let quick = random.time(0...30)
        switch self {
        case .succeeds: return Answer(delay: quick, status: 200)
        case .failsFirst(let count): return Answer(delay: quick, status: calls < count ? 500 : 200)
        case .alwaysFails: return Answer(delay: quick, status: 503)
        case .slow:
            let delay = random.time(100...3000)
            return delay < timeout ? Answer(delay: delay, status: 200) : Answer(delay: timeout, status: 0)
        case .hangsFirst(let count):
            return calls < count ? Answer(delay: timeout, status: 0) : Answer(delay: quick, status: 200)
        }
    }
}
