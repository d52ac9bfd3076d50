public import MySQL

/// A task that failed for good, as lists show it.
public struct DeadLetterSummary: Sendable, Equatable {
    public var id: TaskID
    public var queue: String
    public var diedAt: Timestamp
    public var reason: String
    public var method: String
    public var url: String
    /// Attempts made.
    public var attempts: Int
    /// Of the last attempt.
    public var planTime: Timestamp
    public var labels: [String: String]
    /// It was not started before its `expiresAt`.
    public var isExpired = false
}

/// One page of dead letters, the newest death first.
public struct DeadLetterPage: Sendable, Equatable {
    public var letters: [DeadLetterSummary] = []
    /// Where the next page goes on. nil: there is none. A page may hold fewer than asked for, even none, and have a next
    /// one: a search takes a bounded time.
    public var next: DeadLetterCursor?
    /// The death up to which was searched, when the time was over before the page was full.
    public var searchedTo: Timestamp?
}

/// A place in the order of deaths.
public struct DeadLetterCursor: Sendable, Hashable, Comparable, CustomStringConvertible {
    package var diedAt: Timestamp
    package var id: TaskID

    package init(diedAt: Timestamp, id: TaskID) {
        self.diedAt = diedAt
        self.id = id
    }

    /// - Parameter text: what `description` gave.
    public init?(_ text: String) {
        let words = text.split(separator: "_", omittingEmptySubsequences: false)
        guard words.count == 2, let microseconds = Int64(words[0]), let id = TaskID(words[1]),
            Timestamp.range.contains(Timestamp(microseconds: microseconds))
        else { return nil }
        self.init(diedAt: Timestamp(microseconds: microseconds), id: id)
    }

    public var description: String { "\(diedAt.microseconds)_\(id)" }

    public static func < (left: DeadLetterCursor, right: DeadLetterCursor) -> Bool {
        (left.diedAt, left.id) < (right.diedAt, right.id)
    }
}
