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

/// Upper bounds read from a histogram: half, and 99 of 100, are at most so long.
public struct Percentiles: Sendable, Equatable {
    /// In microseconds, as `p99`: a bound of `DurationBucket`, whose last one stands for more than an hour.
    public var p50: Int
    public var p99: Int

    package init(p50: Int, p99: Int) {
        self.p50 = p50
        self.p99 = p99
    }

    /// - Returns: nil when the histogram is empty.
    init?(_ histogram: [DurationBucket: Int]) {
        let total = histogram.values.reduce(0, +)
        if total == 0 { return nil }
        let sorted = histogram.sorted { $0.key < $1.key }
        /// The bucket that holds the one at this place, counted from 1.
        func bound(of place: Int) -> Int {
            var passed = 0
            let bucket = sorted.first { bucket in
                passed += bucket.value
                return passed >= place
            }
            return Int((bucket?.key ?? .longer).bound)
        }
        self.init(p50: bound(of: (total + 1) / 2), p99: bound(of: (total * 99 + 99) / 100))
    }
}
