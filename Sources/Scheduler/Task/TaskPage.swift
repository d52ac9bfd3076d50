public import MySQL

/// Which tasks to list. Newest first, by creation.
public struct TaskFilter: Sendable, Equatable {
    public var state: TaskState?
    public var queue: String?
    /// Host of the URL, with the port if the URL names one: `receiver.test:8080`. Case does not matter.
    public var host: String?
    public var label: Label?
    /// Created at or after.
    public var from: Timestamp?
    /// Created before.
    public var to: Timestamp?

    /// A label that a task has.
    public struct Label: Sendable, Equatable {
        public var key: String
        /// nil: whatever its value is.
        public var value: String?

        public init(key: String, value: String? = nil) {
            self.key = key
            self.value = value
        }

        /// Reads `key` or `key=value`. - Returns: nil when no label can be called so.
        public init?(_ text: String) {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts[0].isName(limit: 64) else { return nil }
            key = parts[0]
            value = parts.count > 1 ? parts[1] : nil
        }
    }

    public init() {}

    /// Whether a URL can have this for its host and port.
    public static func isHost(_ text: String) -> Bool {
        (1...260).contains(text.utf8.count)
            && !text.utf8.contains { $0 <= 0x20 || $0 == 0x7F || "/?#@".utf8.contains($0) }
    }

    /// Whether rows have to be looked at for it one by one.
    var isSearch: Bool { state != nil || queue != nil || host != nil || label != nil }
}

/// One page of a list.
public struct TaskPage: Sendable, Equatable {
    public var tasks: [TaskRecord]
    /// Where the next page goes on: ids below this. nil: there is none. A page may hold fewer tasks than asked for, even
    /// none, and have a next one: a search looks for a bounded time.
    public var next: TaskID?
    /// When the search ended for want of time: everything created at or after this was looked at.
    public var searchedTo: Timestamp?

    package init(tasks: [TaskRecord], next: TaskID?, searchedTo: Timestamp? = nil) {
        self.tasks = tasks
        self.next = next
        self.searchedTo = searchedTo
    }
}
