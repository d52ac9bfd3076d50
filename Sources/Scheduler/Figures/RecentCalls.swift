/// Calls that have ended within the last hour.
public struct RecentCalls: Sendable, Equatable {
    public var calls = 0
    public var failures = 0
    /// How many ended how, by `class` as in the attempt log.
    public var classes: [String: Int] = [:]
    /// How long they took. nil: there was none.
    public var duration: Percentiles?
    /// How long after their plan time they were begun. nil: there was none, or it is not counted.
    public var lateness: Percentiles?

    package init() {}
}

/// Adds up rows of `rollups_minute` or `rollups_destination` that are alike but for their steps.
struct RecentCallsTally {
    private var recent = RecentCalls()
    private var duration: [DurationBucket: Int] = [:]
    private var lateness: [DurationBucket: Int] = [:]

    /// - Parameter outcomeClass: as `attempts.class`.
    mutating func add(_ calls: Int, _ outcomeClass: String, took bound: Int) {
        recent.calls += calls
        if outcomeClass != "success" { recent.failures += calls }
        recent.classes[outcomeClass, default: 0] += calls
        duration[DurationBucket(bound: UInt32(bound)), default: 0] += calls
    }

    mutating func add(_ calls: Int, late bound: Int) {
        lateness[DurationBucket(bound: UInt32(bound)), default: 0] += calls
    }

    var calls: RecentCalls {
        var recent = recent
        (recent.duration, recent.lateness) = (Percentiles(duration), Percentiles(lateness))
        return recent
    }
}
