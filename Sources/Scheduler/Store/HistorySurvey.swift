package import MySQL

/// What is in a day.
package struct HistorySurvey: Sendable, Equatable {
    package var tasks = 0
    /// Whether a task has not ended.
    package var hasOpen = false
    /// When the last one ended; nil: none has.
    package var newestFinish: Timestamp?
    /// Tasks that ended before history is kept.
    package var ended = 0

    package init(tasks: Int = 0, hasOpen: Bool = false, newestFinish: Timestamp? = nil, ended: Int = 0) {
        (self.tasks, self.hasOpen, self.newestFinish, self.ended) = (tasks, hasOpen, newestFinish, ended)
    }

    package mutating func add(_ other: HistorySurvey) {
        tasks += other.tasks
        hasOpen = hasOpen || other.hasOpen
        newestFinish = [newestFinish, other.newestFinish].compactMap(\.self).max()
        ended += other.ended
    }
}

/// What is known of a day that is older than history is kept and is there still.
package struct HistoryNote: Sendable, Equatable {
    package var day: String
    package var hasOpen: Bool
    package var newestFinish: Timestamp?
    /// Tasks that were deleted from it one by one.
    package var thinned: Int
    package var lookedAt: Timestamp
    package var lookAgainAt: Timestamp

    package init(
        day: String, hasOpen: Bool, newestFinish: Timestamp?, thinned: Int, lookedAt: Timestamp, lookAgainAt: Timestamp
    ) {
        (self.day, self.hasOpen, self.newestFinish, self.thinned) = (day, hasOpen, newestFinish, thinned)
        (self.lookedAt, self.lookAgainAt) = (lookedAt, lookAgainAt)
    }
}
