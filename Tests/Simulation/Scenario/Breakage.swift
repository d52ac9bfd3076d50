/// A mistake built in on purpose: the simulation must find each of them.
package enum Breakage: String, Sendable, CaseIterable {
    /// An outcome is written though another incarnation has taken the task over.
    case outcomeWithoutFence = "outcome-without-fence"
    /// Claims are taken from incarnations whose lease still holds.
    case recoveryWithoutLease = "recovery-without-lease"
    /// The producer is answered before the task is committed.
    case acknowledgedBeforeCommit = "ack-before-commit"
    /// Tasks are called without the start step: a cancel committed meanwhile is overtaken.
    case noStartStep = "no-start-step"
    /// Whether the lease holds is judged by a wall clock, which somebody sets.
    case leaseByWallClock = "lease-by-wall-clock"
    /// Rows enter `claims` under an incarnation that has ended.
    case claimWithoutFence = "claim-without-fence"
    /// What an instance has claimed of a queue that is paused stays with it.
    case pauseWithoutGivingBack = "pause-without-giving-back"
    /// An instance takes its share of a limit whatever the others have still.
    case shareWithoutOthers = "share-without-others"
    /// Who starts a task does not look whether its time is over.
    case expiryForgotten = "expiry-forgotten"
    /// What follows the end of a task is inserted whether the outcome is its or not.
    case followUpWithoutFence = "follow-up-without-fence"
    /// A task that its destination lets wait loses an attempt by it.
    case putOffUsesAttempt = "put-off-uses-attempt"
    /// It is taken out of `claims` and goes nowhere.
    case putOffLosesRow = "put-off-loses-row"
}
