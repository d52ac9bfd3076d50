/// Under which conditions tasks are accepted together.
package struct GroupTerms: Sendable {
    /// Asked for again with the same key, the answer is the same.
    package var requestKey: RequestKey?
    /// Either all of them are made or none.
    package var isWhole: Bool
    /// For each task what becomes of it when its key is taken.
    package var onConflict: [OnConflict]
    /// What is answered when it is known what becomes of each.
    package var answer: @Sendable ([TaskFate]) -> RequestAnswer

    package init(
        requestKey: RequestKey? = nil, isWhole: Bool = true, onConflict: [OnConflict],
        answer: @escaping @Sendable ([TaskFate]) -> RequestAnswer
    ) {
        self.requestKey = requestKey
        self.isWhole = isWhole
        self.onConflict = onConflict
        self.answer = answer
    }
}

/// Checked tasks that are accepted together.
package struct TaskGroup: Sendable {
    /// At least one.
    package var tasks: [AcceptedTask]
    package var terms: GroupTerms

    package init(tasks: [AcceptedTask], terms: GroupTerms) {
        self.tasks = tasks
        self.terms = terms
    }

    /// The rows of `task_keys` that it asks for, and the tasks that they are for.
    func keys(without made: Set<TaskID>) -> [(id: KeyID, task: TaskID, request: RequestKey?)] {
        let own = terms.requestKey.map { [(id: $0.id, task: tasks[0].id, request: Optional($0))] } ?? []
        return own
            + tasks.compactMap { task in
                made.contains(task.id) ? nil : task.keyID.map { (id: $0, task: task.id, request: nil) }
            }
    }
}

extension GroupTerms {
    /// Of a task that asks for nothing.
    static let plain = GroupTerms(onConflict: [.reject]) { fates in
        guard case .made(let record)? = fates.first else { preconditionFailure("a task without a key is made") }
        return RequestAnswer(status: 0, body: [], task: record.id)
    }
}

extension TaskGroup {
    /// Those of its tasks that were made.
    func made(_ result: GroupResult) -> [AcceptedTask] {
        guard case .answered(_, let made) = result, !made.isEmpty else { return [] }
        return made.count == tasks.count ? tasks : tasks.filter { made.contains($0.id) }
    }
}

/// What becomes of one task of a group.
package enum TaskFate: Sendable, Equatable {
    case made(TaskRecord)
    /// Not made: this one has its key.
    case existing(TaskRecord)
    /// Not made, and refused: this one has its key.
    case conflict(TaskID)
}

/// What becomes of a group.
package enum GroupResult: Sendable, Equatable {
    /// - Parameter made: the tasks that were made.
    case answered(RequestAnswer, made: Set<TaskID>)
    /// The request's key was used for something else.
    case otherRequest
    /// The same request is under way, and nobody knows yet what comes of it.
    case underWay
    /// None was made, because of keys that are taken.
    case refused([TakenKey])
}
