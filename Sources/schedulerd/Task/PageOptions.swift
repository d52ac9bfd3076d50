import ArgumentParser
import Scheduler

/// Which part of a list, and how a list ends on a terminal.
struct PageOptions: ParsableArguments {
    @Option(help: "How many, 1 to 500.") var limit: Int = 50
    @Option(help: "Go on where an earlier list ended.") var cursor: String?

    var query: [(String, String)] {
        (cursor.map { [("cursor", $0)] } ?? []) + [("limit", "\(limit)")]
    }

    /// The lines of a page, and how to get the next one.
    /// - Parameter nothing: what is said of an empty list.
    static func lines(_ page: JSONValue, _ lines: [String], nothing: String) -> [String] {
        if let next = page["next_cursor"], next != .null {
            return lines + ["there may be more: --cursor=\(TaskPrinter.text(next))"]
        }
        return lines.isEmpty ? [nothing] : lines
    }
}
