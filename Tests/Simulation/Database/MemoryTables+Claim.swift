package import MySQL
package import Scheduler

extension MemoryTables {
    package mutating func queueID(_ name: String) -> Int {
        if let index = queues.firstIndex(of: name) { return index + 1 }
        queues.append(name)
        return queues.count
    }

    /// - Returns: false when there is no such queue.
    package mutating func setPaused(_ isPaused: Bool, queue name: String) -> Bool {
        guard let index = queues.firstIndex(of: name) else { return false }
        rules[index + 1, default: QueueRule()].isPaused = isPaused
        changes.append(.paused(queueID: index + 1, isPaused))
        return true
    }

    package mutating func insert(_ batch: [AcceptedTask], now: Timestamp) throws(MySQLError) {
        let known = batch.count { tasks[$0.id] != nil }
        if known == batch.count { return }
        guard known == 0 else { throw MySQLError(.duplicateKey, "some of the batch are there already") }
        try fence(batch.map(\.placement))
        for accepted in batch {
            tasks[accepted.id] = TaskRow(
                queueID: accepted.queueID, task: accepted.task, planTime: accepted.task.planTime,
                enteredAt: accepted.place == .ready ? now : nil, createdAt: accepted.createdAt,
                follows: accepted.follows)
            enter(accepted.placement, now: now)
        }
    }

    package func peek(
        lowScheduled: Timestamp?, lowReady: Timestamp?, limited: [LimitedMark], databaseTime: Timestamp
    ) -> ClaimView {
        func heads(_ rows: [StageRow], _ stage: Stage, _ low: Timestamp?) -> [QueueHead] {
            var heads: [QueueHead] = []
            for row in rows where heads.last?.queueID != row.queueID && low.map({ row.order >= $0 }) ?? true {
                heads.append(QueueHead(stage: stage, queueID: row.queueID, first: row.order))
            }
            return heads
        }
        var view = ClaimView()
        view.heads = heads(scheduled, .scheduled, lowScheduled) + heads(ready, .ready, lowReady)
        view.rules = rules.filter { $0.value != QueueRule() }
        view.newestQueue = queues.count
        if limited.isEmpty { return view }
        view.workers = workers(databaseTime)
        view.shares = breakage == .shareWithoutOthers ? [] : shares(databaseTime)
        for mark in limited {
            view.limitedHeads[mark.queueID] =
                scheduled.first { row in
                    row.queueID == mark.queueID && mark.low.map { row.order >= $0 } ?? true
                }?.order
        }
        return view
    }

    package mutating func claim(
        _ range: ClaimRange, incarnation: UInt64, now: Timestamp, startDueBy: Timestamp, startLimit: Int, admit: Admit
    ) throws(MySQLError) -> Claimed {
        let stage = range.stage == .scheduled ? scheduled : ready
        let rows = stage.filter { row in
            row.queueID == range.queueID && range.low.map { row.order >= $0 } ?? true
                && (range.stage == .ready || row.order <= range.upTo) && !locked.contains(row.id)
        }.prefix(range.limit)
        guard let last = rows.last else { return Claimed() }
        try fence(incarnation)
        var due = rows.filter { $0.planTime <= startDueBy }
        due.removeLast(max(0, due.count - startLimit))
        let admitted = due.isEmpty ? Admitted() : admit(due.compactMap { startedTask($0.id, now) })
        try fence(admitted.putOff)
        let started = Set(admitted.started.map(\.id))
        let putOff = Dictionary(uniqueKeysWithValues: admitted.putOff.map { ($0.id, $0) })
        var claimed = Claimed()
        claimed.last = last.order
        claimed.putOff = admitted.putOff
        for row in rows {
            if range.stage == .scheduled {
                _ = Self.delete(row.queueID, row.order, row.id, &scheduled)
            } else {
                _ = Self.delete(row.queueID, row.order, row.id, &ready)
            }
            if let placement = putOff[row.id] {
                self.putOff(placement, now: now)
                continue
            }
            var claim = ClaimRow(incarnation: incarnation, queueID: row.queueID, planTime: row.planTime)
            if started.contains(row.id), let task = admitted.started.first(where: { $0.id == row.id }) {
                claim.attempt = task.attempt
                claim.startedAt = now
                claimed.started.append(task)
                changes.append(.started(row.id, queueID: row.queueID))
            } else {
                claimed.waiting.append(WheelEntry(planTime: row.planTime, id: row.id))
            }
            claims[row.id] = claim
            changes.append(.touched(row.id))
        }
        return claimed
    }

    package mutating func start(
        _ entries: [WheelEntry], incarnation: UInt64, now: Timestamp, admit: Admit
    ) throws(MySQLError) -> Admitted {
        var tasks: [StartedTask] = []
        for entry in entries {
            if breakage == .noStartStep {
                if !tasks.contains(where: { $0.id == entry.id }) {
                    tasks += startedTask(entry.id, now).map { [$0] } ?? []
                }
                continue
            }
            guard let claim = claims[entry.id], claim.incarnation == incarnation, claim.startedAt == nil,
                claim.planTime == entry.planTime, let task = startedTask(entry.id, now)
            else { continue }
            if !tasks.contains(where: { $0.id == task.id }) { tasks.append(task) }
        }
        if tasks.isEmpty { return Admitted() }
        let admitted = admit(tasks)
        if breakage == .noStartStep { return admitted }
        try fence(admitted.putOff)
        for task in admitted.started {
            claims[task.id]!.attempt = task.attempt
            claims[task.id]!.startedAt = now
            changes += [.touched(task.id), .started(task.id, queueID: task.queueID)]
        }
        for placement in admitted.putOff {
            claims[placement.id] = nil
            putOff(placement, now: now)
        }
        return admitted
    }

    private mutating func putOff(_ placement: Placement, now: Timestamp) {
        let id = placement.id
        guard var row = tasks[id] else { return }
        changes.append(.putOff(id, from: row.planTime, attempts: row.attempt))
        row.deferredFrom = row.deferredFrom ?? row.planTime
        row.planTime = placement.planTime
        row.enteredAt = placement.place == .ready ? now : nil
        if breakage == .putOffUsesAttempt { row.attempt += 1 }
        tasks[id] = row
        if breakage == .putOffLosesRow, placement.place == .scheduled { return }
        enter(placement, now: now)
    }

    private func startedTask(_ id: TaskID, _ now: Timestamp) -> StartedTask? {
        tasks[id].map { row in
            var task = StartedTask(
                id: id, queueID: row.queueID, planTime: row.planTime, attempt: row.attempt + 1,
                retriesFrom: row.retriesFrom, version: row.version, task: row.task, startedAt: now)
            if breakage == .expiryForgotten { task.expiresAt = nil }
            task.deferredFrom = row.deferredFrom
            return task
        }
    }

    package func held(_ incarnation: UInt64) -> [WheelEntry] {
        claims.filter { $0.value.incarnation == incarnation && $0.value.startedAt == nil }
            .map { WheelEntry(planTime: $0.value.planTime, id: $0.key) }
            .sorted { ($0.planTime, $0.id) < ($1.planTime, $1.id) }
    }

    /// Which of these the incarnation has.
    package func held(_ ids: [TaskID], incarnation: UInt64, started: Bool) throws(MySQLError) -> Set<TaskID> {
        let held = Set(
            ids.filter { id in
                claims[id].map { $0.incarnation == incarnation && (!started || $0.startedAt != nil) } ?? false
            })
        // All that there was has gone to somebody else: the same answer as when nothing had happened.
        if held.isEmpty, !ids.isEmpty { throw MySQLError(.serverLost, "the transaction has left nothing") }
        return held
    }
}
