/// What the attempts of a span of time came to.
package struct AttemptFigures: Sendable, Equatable {
    package var succeeded = 0
    /// Failed, and the task is tried again.
    package var retried = 0
    /// Failed, and the task is a dead letter.
    package var dead = 0
    /// How long after their plan time calls were begun. nil: none was.
    package var lateness: Percentiles?

    package init() {}

    package init(_ counts: some Sequence<LatenessCount>) {
        var histogram: [DurationBucket: Int] = [:]
        for count in counts {
            switch count.outcome {
            case .succeeded: succeeded += count.attempts
            case .dead: dead += count.attempts
            default: retried += count.attempts
            }
            // Nobody knows when those were begun whose instance died.
            if !count.isLost { histogram[count.lateness, default: 0] += count.attempts }
        }
        lateness = Percentiles(histogram)
    }

    package var total: Int { succeeded + retried + dead }
}
