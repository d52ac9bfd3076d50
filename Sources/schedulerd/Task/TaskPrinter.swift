import Scheduler

/// What the server's documents look like on a terminal.
enum TaskPrinter {
    static func lines(task: JSONValue) -> [String] {
        let request = task["request"]
        var rows: [(String, String)] = [
            ("id", text(task["id"])),
            ("state", text(task["state"])),
            ("queue", text(task["queue"])),
            ("plan time", text(task["plan_time"])),
            ("request", "\(text(request?["method"])) \(text(request?["url"]))"),
            ("attempt", "\(text(task["attempt"])) of at most \((task["retry"]?["max_retries"]?.integer ?? 0) + 1)"),
        ]
        if let next = task["next_attempt_at"]?.text { rows.append(("next", next)) }
        rows.append(("created", text(task["created_at"])))
        if let end = task["finished_at"]?.text { rows.append(("finished", end)) }
        if let time = task["expires_at"]?.text {
            rows.append((task["expired"] == .bool(true) ? "expired" : "expires", time))
        }
        for (member, name) in [("on_success", "on success"), ("on_failure", "on failure")] {
            guard let request = task[member]?["request"] else { continue }
            rows.append((name, "\(text(request["method"])) \(text(request["url"]))"))
        }
        if let id = task["follows"]?.text { rows.append(("follows", printable(id))) }
        let labels = task["labels"]?.members ?? []
        if !labels.isEmpty {
            rows.append(("labels", labels.map { "\(printable($0.name))=\(text($0.value))" }.joined(separator: " ")))
        }
        return rows.map { name, value in pad(name, 11) + value }
    }

    static func lines(tasks page: JSONValue) -> [String] {
        let lines = (page["tasks"]?.elements ?? []).map { task in
            [
                text(task["id"]), pad(text(task["state"]), 9), pad(text(task["plan_time"]), 27),
                text(task["request"]?["method"]), text(task["request"]?["url"]),
            ].joined(separator: "  ")
        }
        return PageOptions.lines(page, lines, nothing: "no tasks")
    }

    static func lines(attempts page: JSONValue) -> [String] {
        let attempts = page["attempts"]?.elements ?? []
        if attempts.isEmpty { return ["no attempts"] }
        return attempts.flatMap { attempt in
            var line = "\(text(attempt["attempt"]))  \(pad(text(attempt["started_at"]), 27))  \(text(attempt["class"]))"
            if let status = attempt["status"]?.integer { line += "  HTTP \(status)" }
            line += "  late \(text(attempt["lateness_ms"])) ms  took \(text(attempt["duration_ms"])) ms"
            guard let message = attempt["message"]?.text else { return [line] }
            return [line, "   \(printable(message))"]
        }
    }

    // MARK: Text

    static func text(_ value: JSONValue?) -> String {
        switch value {
        case .string(let text): printable(text)
        case .number(let text): text
        case .bool(let flag): flag ? "true" : "false"
        default: "-"
        }
    }

    /// What came from elsewhere must not act on the terminal.
    static func printable(_ text: String) -> String {
        var line = ""
        for scalar in text.unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            line += isControl ? scalar.escaped(asASCII: true) : String(scalar)
        }
        return line
    }

    static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
