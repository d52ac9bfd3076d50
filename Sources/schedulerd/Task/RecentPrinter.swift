import Scheduler

/// What came of the calls of the last hour, on a terminal.
enum RecentPrinter {
    static func rows(_ recent: JSONValue?) -> [(String, String)] {
        guard let recent, let calls = recent["calls"]?.integer else { return [] }
        if calls == 0 { return [("last hour", "no calls")] }
        let classes = recent["classes"]?.members.map {
            "\(TaskPrinter.printable($0.name)) \(TaskPrinter.text($0.value))"
        }
        var rows = [("last hour", "\(calls) calls: \((classes ?? []).joined(separator: ", "))")]
        for (member, name) in [("duration_ms", "took"), ("lateness_ms", "late")] {
            guard let steps = recent[member], !steps.members.isEmpty else { continue }
            rows.append((name, "half \(bound(steps["p50"])), 99 of 100 \(bound(steps["p99"]))"))
        }
        return rows
    }

    /// The last step has no end.
    private static func bound(_ milliseconds: JSONValue?) -> String {
        let text = TaskPrinter.text(milliseconds)
        return Double(text).map { $0 > 3_600_000 } == true ? "longer than an hour" : "at most \(text) ms"
    }
}
