package import MySQL

/// What is known of a task that ends, for the one that follows it.
package struct FollowUpSource: Sendable {
    package var queue: String
    package var key: String?
    package var labels: [String: String]
    /// When the producer wanted it called.
    package var planTime: Timestamp
    package var trace: TraceContext?
    package var followUps: [FollowUp.Occasion: FollowUp]
    /// The queues of the follow-ups, by name.
    package var queueIDs: [String: Int]

    package init(task: NewTask, queueIDs: [String: Int]) {
        queue = task.queue
        key = task.key
        labels = task.labels
        planTime = task.planTime
        trace = task.trace
        followUps = task.followUps
        self.queueIDs = queueIDs
    }
}
