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
            let (median, p99) = (TaskPrinter.text(steps["p50"]), TaskPrinter.text(steps["p99"]))
            rows.append((name, "half at most \(median) ms, 99 of 100 at most \(p99) ms"))
        }
        return rows
    }
}
