public import MySQL

/// What is in a queue, at one look.
public struct QueueStatus: Sendable, Equatable {
    public var name: String
    /// When it was made, or a task first named it.
    public var createdAt: Timestamp
    public var settings: QueueSettings
    /// Since when nothing is claimed from it. nil: it is not paused.
    public var pausedAt: Timestamp?
    /// Tasks that wait for their plan time or for an instance with room, retries included.
    public var waiting: Estimate
    /// Those of them whose plan time has come.
    public var overdue: Estimate
    /// Tasks that an instance has and has not started.
    public var claimed: Int
    /// Tasks that are being called.
    public var running: Int
    /// Tasks that failed for good and were neither retried nor removed since.
    public var dead: Estimate
    /// The earliest plan time of what is not started. nil: nothing waits.
    public var nextDue: Timestamp?
    public var recent = RecentCalls()

    package init(
        name: String, createdAt: Timestamp, settings: QueueSettings = QueueSettings(),
        pausedAt: Timestamp?, waiting: Estimate, overdue: Estimate, claimed: Int,
        running: Int, dead: Estimate, nextDue: Timestamp?
    ) {
        self.name = name
        self.createdAt = createdAt
        self.settings = settings
        self.pausedAt = pausedAt
        self.waiting = waiting
        self.overdue = overdue
        self.claimed = claimed
        self.running = running
        self.dead = dead
        self.nextDue = nextDue
    }
}
