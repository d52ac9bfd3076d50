package import MySQL
package import Scheduler

extension MemoryTables {
    package mutating func insert(
        _ groups: [TaskGroup], replacing holder: TaskID?, now: Timestamp
    ) throws(MySQLError) -> [GroupResult] {
        // A value: what is thrown leaves it as it was.
        var changed = self
        let results = try changed.insertAll(groups, replacing: holder, now)
        self = changed
        return results
    }

    private mutating func insertAll(
        _ groups: [TaskGroup], replacing holder: TaskID?, _ now: Timestamp
    ) throws(MySQLError) -> [GroupResult] {
        if let holder {
            let result = try steer(holder, .cancel, now: now, place: { _, _ in .ready })
            if case .conflict(.running) = result { return [.refused([TakenKey(index: 0, holder: holder)])] }
        }
        let made = Set(groups.flatMap { $0.tasks.map(\.id) }.filter { tasks[$0] != nil })
        for group in groups { ask(group, made, now) }
        let rows = keys.mapValues {
            KeyDecision.Row(task: $0.task, fingerprint: $0.request?.fingerprint, answer: $0.answer)
        }
        let decision = KeyDecision(groups, rows, made: made)
        for key in decision.dropped.keys { keys[key] = nil }
        var results: [GroupResult] = []
        for (group, verdict) in zip(groups, decision.verdicts) {
            switch verdict {
            case .end(let result): results.append(result)
            case .again: results += try insertAll([group], replacing: nil, now)
            case .take(let items):
                let own = zip(group.tasks, items).filter { $1 == .make }.map(\.0)
                try insert(own.filter { !made.contains($0.id) }, now: now)
                let records = Dictionary(
                    uniqueKeysWithValues: Set(items.compactMap(\.holder)).compactMap { id in
                        record(of: id).map { (id, $0) }
                    })
                let answer = group.terms.answer(zip(group.tasks, items).map { $0.fate($1, records) })
                if let key = group.terms.requestKey {
                    keys[key.id]?.answer = answer
                    keys[key.id]?.task = answer.task
                }
                results.append(.answered(answer, made: Set(own.map(\.id))))
            }
        }
        return results
    }

    private mutating func ask(_ group: TaskGroup, _ made: Set<TaskID>, _ now: Timestamp) {
        var wanted = group.terms.requestKey.map { [($0.id, KeyRow(task: group.tasks[0].id, request: $0))] } ?? []
        if !wanted.isEmpty { wanted[0].1.expiresAt = now + MySQLStore.requestKeyLife }
        wanted += group.tasks.filter { !made.contains($0.id) }
            .compactMap { task in task.keyID.map { ($0, KeyRow(task: task.id)) } }
        for (key, row) in wanted where keys[key].map({ $0.expiresAt.map { $0 <= now } ?? false }) ?? true {
            keys[key] = row
        }
    }

    func keyID(of row: TaskRow) -> KeyID? {
        row.task.key.map { KeyID(queueID: row.queueID, key: $0) }
    }

    mutating func releaseKey(of id: TaskID) {
        if let row = tasks[id], let key = keyID(of: row) { keys[key] = nil }
    }
}

extension KeyDecision.Item {
    fileprivate var holder: TaskID? {
        if case .existing(let id) = self { id } else { nil }
    }
}
