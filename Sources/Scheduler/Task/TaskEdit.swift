package import MySQL

/// A checked change of a waiting task. What is nil stays.
package struct TaskEdit: Sendable, Equatable {
    package var planTime: Timestamp?
    package var request: CallbackRequest?
    /// `.some(nil)`: it does not expire.
    package var expiresAt: Timestamp??
    /// nil for an occasion: nothing follows it.
    package var followUps: [FollowUp.Occasion: FollowUp?] = [:]

    package init(planTime: Timestamp? = nil, request: CallbackRequest? = nil) {
        self.planTime = planTime
        self.request = request
    }
}
