package import MySQL

/// How many of the tasks that wait are due when.
package struct DueCounts: Sendable, Equatable {
    package struct Minute: Sendable, Equatable {
        /// For the running minute: now.
        package var start: Timestamp
        package var tasks: Estimate

        package init(start: Timestamp, tasks: Estimate) {
            self.start = start
            self.tasks = tasks
        }
    }

    package var overdue: Estimate
    package var minutes: [Minute]

    package init(overdue: Estimate, minutes: [Minute]) {
        self.overdue = overdue
        self.minutes = minutes
    }
}
