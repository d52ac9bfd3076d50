package import MySQL
package import Scheduler

extension MemoryTables {
    package func record(of id: TaskID) -> TaskRecord? {
        guard let row = tasks[id] else { return nil }
        let claim = claims[id]
        let state = row.state.visible(claim: claim.map { $0.startedAt != nil })
        var record = TaskRecord(
            id: id, task: row.task, state: state, attempt: state == .running ? claim?.attempt ?? 0 : row.attempt,
            nextAttemptAt: state.isFinished || state == .running ? nil : row.planTime, createdAt: row.createdAt,
            finishedAt: row.finishedAt, version: row.version, requestVersion: row.requestVersion,
            isExpired: row.isExpired, follows: row.follows)
        if record.nextAttemptAt != nil { record.deferredFrom = row.deferredFrom }
        return record
    }

    package mutating func steer(
        _ id: TaskID, _ steering: Steering, now: Timestamp, place: (Int, Timestamp) -> Place
    ) throws(MySQLError) -> SteeringResult {
        guard var row = tasks[id], let before = record(of: id) else { return .notFound }
        if case .only(let versions, let inner) = steering {
            // As the real one: the state counts before the version.
            let isPossible =
                if case .retry = inner { row.state == .dead || row.state == .cancelled } else {
                    liveRow(id, row) != nil && row.isLive
                }
            if isPossible, !versions.contains(row.version) { return .changed(row.version) }
            return try steer(id, inner, now: now, place: place)
        }
        if case .retry = steering {
            guard row.state == .dead || row.state == .cancelled else { return .conflict(before.state) }
            if let key = keyID(of: row), let holder = keys[key]?.task { return .keyTaken(holder) }
            row.state = .scheduled
            row.retriesFrom = row.attempt
            row.finishedAt = nil
            row.planTime = now
            row.isExpired = false
            if let expiresAt = row.task.expiresAt, expiresAt <= now { row.task.expiresAt = nil }
            row.deferredFrom = nil
            return try enter(id, row, place(row.queueID, now), now)
        }
        guard row.isLive else { return .conflict(before.state) }
        guard let live = liveRow(id, row) else {
            if before.state.isFinished || before.state == .running { return .conflict(before.state) }
            throw MySQLError(.recordChanged, "task \(id) keeps moving between stages")
        }
        switch steering {
        case .cancel:
            take(live, id, row)
            row.state = .cancelled
            row.finishedAt = now
            row.version += 1
            tasks[id] = row
            releaseKey(of: id)
            changes.append(.touched(id))
            return .done(record(of: id)!, nil)
        case .runNow, .retry, .only:
            row.planTime = now
        case .edit(let edit):
            row.planTime = edit.planTime ?? row.planTime
            if let time = edit.planTime { row.task.planTime = time }
            if let expiresAt = edit.expiresAt { row.task.expiresAt = expiresAt }
            for (occasion, followUp) in edit.followUps { row.task.followUps[occasion] = followUp }
            if let request = edit.request {
                row.task.request = request
                row.requestVersion = row.version + 1
            }
        }
        let place = place(row.queueID, row.planTime)
        if case .claimed(let incarnation) = place { try fence(incarnation) }
        take(live, id, tasks[id]!)
        return try enter(id, row, place, now)
    }

    private mutating func enter(
        _ id: TaskID, _ changed: TaskRow, _ place: Place, _ now: Timestamp
    ) throws(MySQLError) -> SteeringResult {
        if case .claimed(let incarnation) = place { try fence(incarnation) }
        var row = changed
        row.version += 1
        if row.planTime != tasks[id]?.planTime { row.deferredFrom = nil }
        row.enteredAt = place == .ready ? now : nil
        tasks[id] = row
        deadLetters[id] = nil
        if let key = keyID(of: row) { keys[key] = KeyRow(task: id) }
        let placement = Placement(id: id, queueID: row.queueID, planTime: row.planTime, place: place)
        enter(placement, now: now)
        return .done(record(of: id)!, placement)
    }

    private enum Live {
        case scheduled
        case ready
        case claimed
    }

    /// Where the row is that the task's own row tells how to find.
    private func liveRow(_ id: TaskID, _ row: TaskRow) -> Live? {
        if scheduled.contains(where: { $0.id == id && $0.order == row.planTime }) { return .scheduled }
        if let enteredAt = row.enteredAt, ready.contains(where: { $0.id == id && $0.order == enteredAt }) {
            return .ready
        }
        return claims[id].map { $0.startedAt == nil } ?? false ? .claimed : nil
    }

    private mutating func take(_ live: Live, _ id: TaskID, _ row: TaskRow) {
        switch live {
        case .scheduled: _ = Self.delete(row.queueID, row.planTime, id, &scheduled)
        case .ready: _ = row.enteredAt.map { Self.delete(row.queueID, $0, id, &ready) }
        case .claimed: claims[id] = nil
        }
    }
}
