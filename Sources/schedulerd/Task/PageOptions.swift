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
        let next = TaskPrinter.text(page["next_cursor"])
        if next != "-" { return lines + ["there may be more: --cursor \(next)"] }
        return lines.isEmpty ? [nothing] : lines
    }
}
