package import MySQL

/// What waits in the wheel: an id and its time, nothing else.
package struct WheelEntry: Sendable, Equatable {
    package var planTime: Timestamp
    package var id: TaskID

    package init(planTime: Timestamp, id: TaskID) {
        self.planTime = planTime
        self.id = id
    }
}
