import Scheduler

/// What operations look like on a terminal.
enum OperationPrinter {
    private typealias Text = TaskPrinter

    static func line(_ operation: JSONValue) -> String {
        let of = operation["of"]?.text == "dead_letters" ? "dead letters" : "tasks"
        let worked = ["done", "skipped", "failed"].reduce(0) { $0 + (operation[$1]?.integer ?? 0) }
        let about = operation["total_is_exact"] == .bool(true) ? "" : "about "
        return "\(Text.text(operation["id"]))  \(Text.pad(Text.text(operation["state"]), 9))  "
            + "\(Text.text(operation["action"])) of \(of)  \(worked) of \(about)\(Text.text(operation["total"]))"
    }

    static func lines(_ operation: JSONValue) -> [String] {
        var lines = [line(operation)]
        for name in ["done", "skipped", "failed", "per_second", "requested_by", "created_at", "finished_at", "problem"]
        {
            guard let value = operation[name], value != .null else { continue }
            lines.append("   \(Text.pad(name.replacing("_", with: " "), 14))\(Text.text(value))")
        }
        return lines
    }

    /// The answer to a request that something be done: an operation, or the count of a dry run.
    static func lines(started answer: JSONValue) -> [String] {
        guard let count = answer["count"] else { return lines(answer) }
        return [answer["is_exact"] == .bool(true) ? Text.text(count) : "about \(Text.text(count))"]
    }
}
