import Scheduler

/// What the server tells of queues, on a terminal.
enum QueuePrinter {
    static func lines(queues page: JSONValue) -> [String] {
        let lines = (page["queues"]?.elements ?? []).map { queue in
            var line = TaskPrinter.pad(TaskPrinter.text(queue["name"]), 24)
            line += "  waiting \(TaskPrinter.text(queue["waiting"]))  overdue \(TaskPrinter.text(queue["overdue"]))"
            line += "  running \(TaskPrinter.text(queue["running"]))  dead \(TaskPrinter.text(queue["dead"]))"
            let limits = limits(queue)
            if !limits.isEmpty { line += "  " + limits.joined(separator: ", ") }
            if let since = queue["paused_at"]?.text { line += "  paused since \(TaskPrinter.printable(since))" }
            return line
        }
        return PageOptions.lines(page, lines, nothing: "no queues")
    }

    static func lines(queue: JSONValue) -> [String] {
        func text(_ name: String) -> String { TaskPrinter.text(queue[name]) }
        let limits = limits(queue)
        var rows: [(String, String)] = [
            ("name", text("name")), ("created", text("created_at")),
            ("priority", "\(text("priority")), weight \(text("weight"))"),
            ("limits", limits.isEmpty ? "none" : limits.joined(separator: ", ")),
            ("waiting", "\(text("waiting")), overdue \(text("overdue")), claimed \(text("claimed"))"),
            ("running", text("running")), ("dead", text("dead")),
        ]
        if let since = queue["paused_at"]?.text { rows.append(("paused", "since \(TaskPrinter.printable(since))")) }
        if let next = queue["next_due"]?.text { rows.append(("next due", TaskPrinter.printable(next))) }
        rows += RecentPrinter.rows(queue["recent"])
        let defaults = queue["defaults"]
        if let retry = defaults?["retry"], !retry.members.isEmpty {
            let delays = (retry["delays"]?.elements ?? []).map { TaskPrinter.text($0) }.joined(separator: ",")
            rows.append(("retry", "\(TaskPrinter.text(retry["max_retries"])) times, after \(delays) s"))
        }
        if case .number(let timeout) = defaults?["timeout_ms"] { rows.append(("timeout", "\(timeout) ms")) }
        if let success = defaults?["success"], !success.members.isEmpty {
            var writer = JSONWriter()
            writer.value(success)
            rows.append(("success", TaskPrinter.printable(String(decoding: writer.bytes, as: UTF8.self))))
        }
        return rows.map { TaskPrinter.pad($0.0, 10) + $0.1 }
    }

    static func lines(operation: JSONValue) -> [String] {
        let done = TaskPrinter.text(operation["done"])
        if operation["state"]?.text == "done" { return ["\(done) cancelled"] }
        return [
            "operation \(TaskPrinter.text(operation["id"])) is \(TaskPrinter.text(operation["state"])):"
                + " \(done) of about \(TaskPrinter.text(operation["total"])) cancelled"
        ]
    }

    private static func limits(_ queue: JSONValue) -> [String] {
        var limits: [String] = []
        if case .number(let most) = queue["max_concurrency"] { limits.append("at most \(most) at once") }
        if case .number(let rate) = queue["rate_per_second"] {
            var text = "at most \(rate)/s"
            if case .number(let burst) = queue["burst"] { text += " in bursts of \(burst)" }
            limits.append(text)
        }
        return limits
    }
}
