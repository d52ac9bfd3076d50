import Scheduler

/// What came of the calls of the last hour.
struct RecentCallsView {
    let calls: String
    let failures: String
    let hasFailures: Bool
    /// Of a hundred calls.
    let successes: String
    let median: String
    let p99: String
    let hasLateness: Bool
    let latenessMedian: String
    let latenessP99: String
    let classes: [EndedCalls]

    /// How many calls ended in one way.
    struct EndedCalls {
        let name: String
        let calls: String
    }

    init(_ recent: RecentCalls, _ texts: Texts) {
        calls = texts.number(recent.calls)
        failures = texts.number(recent.failures)
        hasFailures = recent.failures > 0
        let part = Double(recent.calls - recent.failures) / Double(max(1, recent.calls))
        successes = recent.calls > 0 ? texts.decimal(100 * part) + " %" : texts.nothing
        median = texts.bound(microseconds: recent.duration?.p50)
        p99 = texts.bound(microseconds: recent.duration?.p99)
        hasLateness = recent.lateness != nil
        latenessMedian = texts.bound(microseconds: recent.lateness?.p50)
        latenessP99 = texts.bound(microseconds: recent.lateness?.p99)
        classes = recent.classes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
            EndedCalls(name: $0.key, calls: texts.number($0.value))
        }
    }
}
