import Scheduler

/// What destinations look like on a terminal.
enum DestinationPrinter {
    static func lines(page: JSONValue) -> [String] {
        let lines = (page["destinations"]?.elements ?? []).map { destination in
            ["id", "url", "rate", "max_concurrency", "paused_at", "open_until"]
                .map { TaskPrinter.text(destination[$0]) }.joined(separator: "  ")
        }
        return PageOptions.lines(page, lines, nothing: "no destination was set up, and none has failed")
    }

    static func lines(testCall result: JSONValue) -> [String] {
        var lines = ["\(TaskPrinter.text(result["method"])) \(TaskPrinter.text(result["url"]))"]
        var end = TaskPrinter.text(result["class"])
        if let status = result["status"]?.integer { end += "  HTTP \(status)" }
        end += "  took \(TaskPrinter.text(result["duration_ms"])) ms"
        if let address = result["address"]?.text { end += "  from \(TaskPrinter.printable(address))" }
        lines.append(end)
        if let message = result["message"]?.text { lines.append("   \(TaskPrinter.printable(message))") }
        return lines
    }

    static func lines(_ destination: JSONValue) -> [String] {
        let rows = destination.members.filter { $0.name != "recent" }.map { member in
            let value =
                member.name == "secrets"
                ? member.value.elements.map { "made " + TaskPrinter.text($0["created_at"]) }.joined(separator: ", ")
                : TaskPrinter.text(member.value)
            return (member.name, value)
        }
        return (rows + RecentPrinter.rows(destination["recent"])).map { TaskPrinter.pad($0.0, 20) + $0.1 }
    }
}
