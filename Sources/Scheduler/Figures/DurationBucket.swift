/// The steps in which durations are counted: of each is kept that it was at most so long.
///
/// 100, 200, 500 µs, 1, 2, 5 ms and so on up to 2000 s, and an hour. `rollups_minute` names a bucket by its upper bound.
package struct DurationBucket: Sendable, Hashable, Comparable {
    /// The longest that is in it, in microseconds.
    package let bound: UInt32

    /// What is longer than an hour.
    package static let longer = DurationBucket(bound: .max)

    package static let all: [DurationBucket] = {
        var bounds: [UInt32] = []
        var power: UInt32 = 100
        while power < 1_000_000_000 {
            bounds += [power, 2 * power, 5 * power]
            power *= 10
        }
        return (bounds + [1_000_000_000, 2_000_000_000, 3_600_000_000]).map(DurationBucket.init(bound:)) + [.longer]
    }()

    package init(bound: UInt32) {
        self.bound = bound
    }

    package init(microseconds: Int64) {
        self = Self.all.first { microseconds <= $0.bound && $0 != .longer } ?? .longer
    }

    package static func < (left: DurationBucket, right: DurationBucket) -> Bool {
        left.bound < right.bound
    }
}
