import Scheduler

/// What destinations look like on a terminal.
enum DestinationPrinter {
    static func lines(page: JSONValue) -> [String] {
        let destinations = page["destinations"]?.elements ?? []
        var lines = destinations.map { destination in
            ["id", "url", "rate", "max_concurrency", "paused_at", "open_until"]
                .map { TaskPrinter.text(destination[$0]) }.joined(separator: "  ")
        }
        if let next = page["next_cursor"]?.integer {
            lines.append("there are more: --cursor \(next)")
        } else if lines.isEmpty {
            lines.append("no destination was set up, and none has failed")
        }
        return lines
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
        destination.members.map { member in
            let value =
                member.name == "secrets"
                ? member.value.elements.map { "made " + TaskPrinter.text($0["created_at"]) }.joined(separator: ", ")
                : TaskPrinter.text(member.value)
            return TaskPrinter.pad(member.name, 20) + value
        }
    }
}
