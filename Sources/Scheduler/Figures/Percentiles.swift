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
