public import MySQL

/// A start of a schedulerd process, as the table of instances has it.
public struct InstanceStatus: Sendable, Equatable {
    /// Never used again: it stands in every claim and attempt.
    public var incarnation: UInt64
    public var name: String
    public var version: String
    public var startedAt: Timestamp
    public var heartbeatAt: Timestamp
    /// When it is taken for dead unless it renews its lease.
    public var leaseUntil: Timestamp
    /// When nothing of it was left for the others to take over. nil: it lives, or is to be recovered.
    public var endedAt: Timestamp?
    /// Tasks that it has and has not started.
    public var claimed: Int
    /// Tasks that it calls.
    public var running: Int
    /// Whether it is the one that was asked.
    public var isOwn: Bool

    package init(
        incarnation: UInt64, name: String, version: String, startedAt: Timestamp, heartbeatAt: Timestamp,
        leaseUntil: Timestamp, endedAt: Timestamp?, claimed: Int, running: Int, isOwn: Bool
    ) {
        self.incarnation = incarnation
        self.name = name
        self.version = version
        self.startedAt = startedAt
        self.heartbeatAt = heartbeatAt
        self.leaseUntil = leaseUntil
        self.endedAt = endedAt
        self.claimed = claimed
        self.running = running
        self.isOwn = isOwn
    }
}
