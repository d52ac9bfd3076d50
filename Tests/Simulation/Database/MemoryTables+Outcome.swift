package import MySQL
package import Scheduler

extension MemoryTables {
    package mutating func record(
        _ outcomes: [OutcomeRecord], incarnation: UInt64, now: Timestamp
    ) throws(MySQLError) -> Set<TaskID> {
        let ours = outcomes.filter { outcome in
            if breakage == .outcomeWithoutFence { return claims[outcome.id] != nil }
            guard let claim = claims[outcome.id] else { return false }
            if case .expired(_, let time) = outcome.fate, claim.startedAt != time { return false }
            return claim.incarnation == incarnation && claim.attempt == outcome.attempt.attempt
        }
        try check(ours)
        var superseded: Set<TaskID> = []
        if breakage == .followUpWithoutFence { for outcome in outcomes { try insert(outcome.followUps, now: now) } }
        for outcome in outcomes where !outcome.isExpired && !ours.contains(where: { $0.id == outcome.id }) {
            let known = attempts[AttemptKey(id: outcome.id, attempt: outcome.attempt.attempt)]
            if known?.incarnation != incarnation || known?.outcomeClass == "lost" { superseded.insert(outcome.id) }
        }
        for outcome in ours {
            let claim = claims.removeValue(forKey: outcome.id)
            changes.append(
                .recorded(outcome.id, attempt: outcome.attempt.attempt, incarnation: incarnation, claim: claim))
            try write(outcome, now: now)
        }
        return superseded
    }

    package mutating func recover(
        _ incarnation: UInt64, limit: Int, now: Timestamp, databaseTime: Timestamp,
        decide: (LostAttempt) -> OutcomeRecord
    ) throws(MySQLError) -> Recovered? {
        guard let instance = instance(incarnation), !instance.hasEnded,
            instance.leaseUntil <= databaseTime || breakage == .recoveryWithoutLease
        else { return nil }
        let ids = claims.filter { $0.value.incarnation == incarnation }.keys.sorted().prefix(limit)
        var recovered = Recovered()
        if ids.isEmpty {
            instances[Int(incarnation) - 1].hasEnded = true
            recovered.isDone = true
            return recovered
        }
        var outcomes: [OutcomeRecord] = []
        var placements: [Placement] = []
        for id in ids {
            let claim = claims[id]!
            guard let startedAt = claim.startedAt, let row = tasks[id] else {
                placements.append(
                    Placement(id: id, queueID: claim.queueID, planTime: claim.planTime, place: .ready))
                continue
            }
            var lost = LostAttempt(
                id: id, queueID: claim.queueID, url: row.task.request.url, planTime: claim.planTime,
                attempt: claim.attempt ?? 0, startedAt: startedAt, retriesFrom: row.retriesFrom, version: row.version,
                retrySchedule: row.task.retrySchedule, onLost: row.task.onLost)
            lost.expiresAt = row.task.expiresAt
            lost.followUps = followUps(of: [id])[id]
            outcomes.append(decide(lost))
        }
        try check(outcomes)
        moveToReady(placements, now: now)
        for outcome in outcomes {
            claims[outcome.id] = nil
            changes.append(.lost(outcome.id, attempt: outcome.attempt.attempt, incarnation: incarnation))
            try write(outcome, now: now)
        }
        recovered.returned = placements.count
        recovered.died = outcomes.count { $0.reason != nil }
        recovered.retried = outcomes.count - recovered.died
        return recovered
    }

    package mutating func giveBack(
        _ incarnation: UInt64, queues: Set<Int>?, limit: Int, now: Timestamp
    ) -> [WheelEntry] {
        if breakage == .pauseWithoutGivingBack, queues != nil { return [] }
        let ids = claims.filter { _, claim in
            claim.incarnation == incarnation && claim.startedAt == nil && queues?.contains(claim.queueID) ?? true
        }.keys.sorted().prefix(limit)
        let placements = ids.map { id in
            Placement(id: id, queueID: claims[id]!.queueID, planTime: claims[id]!.planTime, place: .ready)
        }
        moveToReady(placements, now: now)
        return placements.map(\.wheelEntry)
    }

    private mutating func moveToReady(_ placements: [Placement], now: Timestamp) {
        for placement in placements {
            let claim = claims.removeValue(forKey: placement.id)
            enter(placement, now: now)
            tasks[placement.id]?.enteredAt = now
            if let claim { changes.append(.returned(placement.id, incarnation: claim.incarnation)) }
        }
    }

    /// What would make the transaction fail as a whole.
    private func check(_ outcomes: [OutcomeRecord]) throws(MySQLError) {
        for outcome in outcomes {
            if case .retry(_, .claimed(let incarnation)) = outcome.fate { try fence(incarnation) }
            try fence(outcome.followUps.map(\.placement))
            if breakage != .outcomeWithoutFence, !outcome.isExpired,
                attempts[AttemptKey(id: outcome.id, attempt: outcome.attempt.attempt)] != nil
            {
                throw MySQLError(.duplicateKey, "attempt \(outcome.attempt.attempt) is recorded already")
            }
        }
    }

    /// What is known of those of these tasks that ask for a follow-up.
    package mutating func followUps(of ids: [TaskID]) -> [TaskID: FollowUpSource] {
        var sources: [TaskID: FollowUpSource] = [:]
        for id in ids {
            guard let task = tasks[id]?.task, !task.followUps.isEmpty else { continue }
            let names = Set(task.followUps.values.map(\.queue))
            sources[id] = FollowUpSource(
                task: task, queueIDs: Dictionary(uniqueKeysWithValues: names.sorted().map { ($0, queueID($0)) }))
        }
        return sources
    }

    private mutating func write(_ outcome: OutcomeRecord, now: Timestamp) throws(MySQLError) {
        let id = outcome.id
        if !outcome.isExpired {
            attempts[AttemptKey(id: id, attempt: outcome.attempt.attempt)] = outcome.attempt
        }
        tasks[id]?.attempt = outcome.attemptsMade
        switch outcome.fate {
        case .succeeded:
            tasks[id]?.state = .succeeded
            tasks[id]?.finishedAt = now
        case .dead(let reason), .expired(let reason, _):
            tasks[id]?.state = .dead
            tasks[id]?.isExpired = outcome.isExpired
            tasks[id]?.finishedAt = now
            deadLetters[id] = reason
        case .retry(let time, let place):
            tasks[id]?.state = .retrying
            tasks[id]?.planTime = time
            tasks[id]?.deferredFrom = nil
            tasks[id]?.enteredAt = place == .ready ? now : nil
            enter(Placement(id: id, queueID: outcome.queueID, planTime: time, place: place), now: now)
        }
        if tasks[id]?.isLive == false { releaseKey(of: id) }
        changes.append(.touched(id))
        if breakage != .followUpWithoutFence { try insert(outcome.followUps, now: now) }
    }
}
