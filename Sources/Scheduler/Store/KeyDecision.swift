/// What is done with groups of tasks that ask for keys, by the rows of `task_keys` that there are once they have asked.
package struct KeyDecision: Sendable {
    package struct Row: Sendable {
        package var task: TaskID
        package var fingerprint: [UInt8]?
        package var answer: RequestAnswer?

        package init(task: TaskID, fingerprint: [UInt8]?, answer: RequestAnswer?) {
            self.task = task
            self.fingerprint = fingerprint
            self.answer = answer
        }
    }

    package enum Item: Sendable, Equatable {
        case make
        case existing(TaskID)
        case conflict(TaskID)
    }

    package enum Verdict: Sendable, Equatable {
        case take([Item])
        case end(GroupResult)
        /// It found a key taken by a task that is not made after all: to be asked again.
        case again
    }

    /// In the order of the groups.
    package private(set) var verdicts: [Verdict] = []
    /// Rows that were written for tasks that are not made.
    package private(set) var dropped: [KeyID: TaskID] = [:]
    private var unmade: Set<TaskID> = []

    /// - Parameters:
    ///   - rows: all that the groups ask for are there; of two that asked for one the first has it.
    ///   - made: tasks that are there already, with their keys if they still have them.
    package init(_ groups: [TaskGroup], _ rows: [KeyID: Row], made: Set<TaskID>) {
        for group in groups {
            let verdict = verdict(on: group, rows, made)
            if case .take = verdict {
            } else {
                unmade.formUnion(group.tasks.map(\.id))
                // What is answered stays.
                for key in group.keys(without: made) where rows[key.id]?.task == key.task && rows[key.id]?.answer == nil
                {
                    dropped[key.id] = key.task
                }
            }
            verdicts.append(verdict)
        }
    }

    private func verdict(on group: TaskGroup, _ rows: [KeyID: Row], _ made: Set<TaskID>) -> Verdict {
        if let key = group.terms.requestKey, let row = rows[key.id] {
            if row.fingerprint != key.fingerprint { return .end(.otherRequest) }
            if var answer = row.answer {
                answer.isRepeated = true
                return .end(.answered(answer, made: []))
            }
            // Written by this transaction, or by another group of it.
            if row.task != group.tasks[0].id { return unmade.contains(row.task) ? .again : .end(.underWay) }
        }
        var items: [Item] = []
        var taken: [TakenKey] = []
        for (index, task) in group.tasks.enumerated() {
            guard !made.contains(task.id), let key = task.keyID, let row = rows[key], row.task != task.id else {
                items.append(.make)
                continue
            }
            if unmade.contains(row.task) { return .again }
            if group.terms.onConflict[index] == .return {
                items.append(.existing(row.task))
            } else {
                items.append(.conflict(row.task))
                taken.append(TakenKey(index: index, holder: row.task))
            }
        }
        return group.terms.isWhole && !taken.isEmpty ? .end(.refused(taken)) : .take(items)
    }
}
