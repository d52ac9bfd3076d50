package import MySQL

/// A task of another program, with what it has been through.
package struct PastTask: Sendable {
    package enum Stage: Sendable, Equatable {
        /// It waits for its first attempt, or for the next one.
        case pending(planTime: Timestamp)
        case succeeded(at: Timestamp)
        case dead(at: Timestamp, reason: String)
    }

    package var id: TaskID
    package var task: NewTask
    package var createdAt: Timestamp
    package var stage: Stage
    /// Attempts made, whether they are in `attempts` or not.
    package var attempt: Int
    /// Those of them that do not count against the retry schedule.
    package var retriesFrom: Int
    package var attempts: [AttemptRecord]

    package init(
        id: TaskID, task: NewTask, createdAt: Timestamp, stage: Stage, attempt: Int, retriesFrom: Int,
        attempts: [AttemptRecord]
    ) {
        self.id = id
        self.task = task
        self.createdAt = createdAt
        self.stage = stage
        self.attempt = attempt
        self.retriesFrom = retriesFrom
        self.attempts = attempts
    }
}

extension PastTask {
    var state: StoredState {
        switch stage {
        case .pending: attempt > 0 ? .retrying : .scheduled
        case .succeeded: .succeeded
        case .dead: .dead
        }
    }

    /// When the next attempt is due, or the last one was.
    var planTime: Timestamp {
        switch stage {
        case .pending(let planTime): planTime
        case .succeeded(let time), .dead(let time, _): attempts.last?.planTime ?? time
        }
    }

    var finishedAt: Timestamp? {
        switch stage {
        case .pending: nil
        case .succeeded(let time), .dead(let time, _): time
        }
    }

    /// Of the statement that inserts it, roughly.
    var bytes: Int {
        500 + task.request.url.utf8.count + (task.request.body?.count ?? 0)
            + attempts.reduce(0) { $0 + 250 + $1.response.count + ($1.message?.utf8.count ?? 0) }
    }
}
