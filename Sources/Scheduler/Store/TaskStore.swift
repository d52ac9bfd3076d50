package import MySQL

/// What the engine needs of the queue of record. Every call is one transaction: it happens as a whole or not at all,
/// and when the caller cannot know which, the call finds out before it returns.
package protocol TaskStore: Sendable {
    // MARK: Intake

    /// The queue's number; made when it is first named.
    func queueID(_ name: String) async throws -> Int
    /// Inserts a batch that arrives now; again with the same ids it does nothing.
    func insert(_ batch: [AcceptedTask], now: Timestamp) async throws
    /// The same for groups that ask for keys; one that is refused does not hold up the others.
    /// - Parameter holder: a task that the only group replaces: it is cancelled in the same transaction.
    /// - Returns: what becomes of each, in their order.
    func insert(_ groups: [TaskGroup], replacing holder: TaskID?, now: Timestamp) async throws -> [GroupResult]
    /// Which of these are there.
    func known(_ ids: [TaskID]) async throws -> Set<TaskID>
    /// Keeps what cannot become a task; again with the same ids it does nothing.
    func quarantine(_ messages: [QuarantinedMessage]) async throws

    // MARK: Claim, start, outcome

    /// - Parameter limited: the limited queues that are known, whose heads and shares are looked for too.
    func peek(lowScheduled: Timestamp?, lowReady: Timestamp?, limited: [LimitedMark]) async throws -> ClaimView
    /// Changes what the incarnation has of the limits of queues, as far as the others have left it.
    /// - Returns: what it has now, of those queues that are there.
    func setShares(_ wishes: [QueueShare], incarnation: UInt64) async throws -> [QueueShare]
    /// Moves up to `limit` tasks of a queue from `ready` into `scheduled`. - Returns: how many.
    func putInOrder(queue: Int, limit: Int) async throws -> Int
    func claim(
        _ range: ClaimRange, incarnation: UInt64, now: Timestamp, startDueBy: Timestamp, startLimit: Int,
        admit: @escaping Admit
    ) async throws -> Claimed
    /// What the incarnation has in `claims` and has not started.
    func held(_ incarnation: UInt64) async throws -> [WheelEntry]
    func start(
        _ entries: [WheelEntry], incarnation: UInt64, now: Timestamp, admit: @escaping Admit
    ) async throws -> Admitted
    /// What is known of those of these tasks that ask for a follow-up.
    func followUps(of ids: [TaskID]) async throws -> [TaskID: FollowUpSource]
    func record(_ outcomes: [OutcomeRecord], incarnation: UInt64, now: Timestamp) async throws -> Set<TaskID>

    // MARK: Cluster

    func register(name: String, version: String, lookahead: Duration?, lease: Duration) async throws -> UInt64
    /// Extends the lease, and looks at the others and at the clock. - Returns: nil: it has run out.
    func heartbeat(
        _ incarnation: UInt64, lease: Duration
    ) async throws -> (view: ClusterView, clock: ClockReading)?
    /// Incarnations that have not ended, those with an expired lease included.
    func aliveIncarnations() async throws -> [UInt64]
    func sampleClock() async throws -> ClockReading
    /// Gives up to `limit` of the claims that an incarnation has not started back to `ready`.
    /// - Parameter queues: only theirs; nil: all.
    /// - Returns: what was given back; empty when nothing is left.
    func giveBack(
        _ incarnation: UInt64, queues: Set<Int>?, limit: Int, now: Timestamp
    ) async throws -> [WheelEntry]
    func expire(_ incarnation: UInt64) async throws
    func recover(
        _ incarnation: UInt64, limit: Int, now: Timestamp, decide: @escaping @Sendable (LostAttempt) -> OutcomeRecord
    ) async throws -> Recovered?

    // MARK: Destinations

    /// Writes what this instance has found out of destinations, and reads what all of them have to know.
    /// - Parameter pauseAfter: a destination that has failed for so long is paused; nil: none is.
    func exchangeDestinations(
        _ reports: [DestinationReport], pauseAfter: Duration?
    ) async throws -> DestinationExchange

    // MARK: Steering

    /// - Parameter place: decides where a live row of a queue goes for a plan time.
    func steer(
        _ id: TaskID, _ steering: Steering, now: Timestamp, place: @escaping @Sendable (Int, Timestamp) -> Place
    ) async throws -> SteeringResult
    /// Pauses a queue or lets it go on; again it does nothing. - Returns: false when there is no such queue.
    func setPaused(_ isPaused: Bool, queue: String) async throws -> Bool
}
