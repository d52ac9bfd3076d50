import MySQL
import Scheduler

/// What the database must hold.
extension Oracle {
    /// Looks at what the last transaction has done.
    func check(_ process: SimulatedProcess) {
        let changes = world.tables.changes
        world.tables.changes = []
        for change in changes {
            switch change {
            case .touched(let id):
                checkPlace(id)
                noteEnd(id)
            case .returned: break
            case .started(let id, let queueID): checkPause(id, queueID, process)
            case .putOff(let id, let from, let attempts): checkPutOff(id, from, attempts)
            case .paused(let queueID, let isPaused):
                pausedAt[queueID] = isPaused ? pausedAt[queueID] ?? world.now : nil
            case .recorded(let id, let attempt, let incarnation, let claim):
                checkRecorded(id, attempt, incarnation, claim, process)
            case .lost(let id, let attempt, let incarnation):
                let owner = world.processes.first { $0.incarnations.contains(incarnation) }
                if let owner, !owner.isDisturbed, clockJumps.isEmpty {
                    world.violate("attempt \(attempt) of \(id) is lost, and nothing had happened to \(owner.name)")
                }
            }
        }
        for case .touched(let id) in changes { checkFollowUps(world.tables.tasks[id]?.follows ?? id) }
    }

    /// Counts the ends that a task comes to.
    private func noteEnd(_ id: TaskID) {
        guard let state = world.tables.tasks[id]?.state else { return }
        let before = states.updateValue(state, forKey: id) ?? .scheduled
        guard before == .scheduled || before == .retrying else { return }
        if state == .succeeded { ends[id, default: [:]][.onSuccess, default: 0] += 1 }
        if state == .dead { ends[id, default: [:]][.onFailure, default: 0] += 1 }
    }

    /// Each end has had one follow-up since its transaction, no more and no less.
    private func checkFollowUps(_ id: TaskID) {
        guard let row = world.tables.tasks[id], !row.task.followUps.isEmpty else { return }
        let number = Self.parts(row.task.request.url).number
        for occasion in FollowUp.Occasion.allCases {
            let follower = Self.follower(of: number, occasion)
            let made = world.tables.tasks.values.count { other in
                other.follows == id && Self.parts(other.task.request.url).number == follower
            }
            let wanted = row.task.followUps[occasion] == nil ? 0 : ends[id]?[occasion] ?? 0
            if made != wanted {
                world.violate("task \(number) has ended \(wanted) times and \(made) \(occasion.rawValue) were made")
            }
        }
    }

    private func checkPlace(_ id: TaskID) {
        let places = world.tables.places(of: id)
        guard let row = world.tables.tasks[id] else { return world.violate("\(id) has a live row and no task") }
        if places != (row.isLive ? 1 : 0) {
            world.violate("task \(id) is \(row.state) and has \(places) live rows")
        }
    }

    /// It waits for a later time, and has not been called for it.
    private func checkPutOff(_ id: TaskID, _ from: Timestamp, _ attempts: Int) {
        putOffs += 1
        guard let row = world.tables.tasks[id] else { return world.violate("\(id) is put off and is not there") }
        if row.attempt != attempts { world.violate("task \(id) was put off, and an attempt was used for it") }
        if row.planTime <= from { world.violate("task \(id) was put off from \(from) to \(row.planTime)") }
        if row.deferredFrom == nil { world.violate("task \(id) was put off, and when it was due is forgotten") }
        checkPlace(id)
    }

    /// After a pause has been committed, an instance may start tasks of the queue until it looks again; when something
    /// has happened to it, it may look later.
    private static let pauseTakesEffect: Int64 = 1_500_000_000
    private static let longestBackoff: Int64 = 2_000_000_000

    private func checkPause(_ id: TaskID, _ queueID: Int, _ process: SimulatedProcess) {
        guard let pausedAt = pausedAt[queueID], !process.isPaused, !process.link.isInTrouble else { return }
        let since = max(pausedAt, process.calmSince + Self.longestBackoff)
        if world.now > since + Self.pauseTakesEffect {
            let late = (world.now - pausedAt) / 1_000_000
            world.violate("task \(id) is started by \(process.name) \(late) ms after its queue was paused")
        }
    }

    private func checkRecorded(
        _ id: TaskID, _ attempt: Int, _ incarnation: UInt64, _ claim: MemoryTables.ClaimRow?,
        _ process: SimulatedProcess
    ) {
        guard let claim, claim.incarnation == incarnation, claim.startedAt != nil, claim.attempt == attempt else {
            return world.violate("an outcome of \(id) is accepted, and its claim is \(String(describing: claim))")
        }
        if world.tables.instance(incarnation)?.hasEnded ?? true {
            world.violate("an outcome of \(id) is accepted from an incarnation that has ended")
        }
        if !process.incarnations.contains(incarnation) {
            world.violate("an outcome of \(id) is accepted from a process that did not make it")
        }
        let call = files.values.lazy.flatMap(\.calls).first { $0.id == id && $0.attempt == attempt }
        let record = world.tables.attempts[.init(id: id, attempt: attempt)]
        if record == nil, world.tables.tasks[id]?.isExpired == true {
            if call != nil { world.violate("attempt \(attempt) of \(id) was called, and it is said to have expired") }
            return
        }
        if call?.succeeded ?? false != record?.succeeded { world.violate("attempt \(attempt) of \(id) is misjudged") }
    }

    /// It has ended without a call, and not before its time.
    private func checkExpired(_ row: MemoryTables.TaskRow, _ number: Int) {
        guard row.state == .dead, let expiresAt = row.task.expiresAt, let finishedAt = row.finishedAt else {
            return world.violate(
                "task \(number) is \(row.state) and expired, its time \(String(describing: row.task.expiresAt))")
        }
        // By as much as half a slow round trip an instance may be wrong, and then it does not call.
        if finishedAt + .seconds(3) < expiresAt, clockJumps.isEmpty {
            world.violate("task \(number) has expired \(expiresAt - finishedAt) before its time")
        }
    }

    // MARK: The end

    var unfinished: Int { world.tables.tasks.values.count { $0.isLive } }

    /// What must hold when the faults have stopped and everything has had its time.
    func checkRest() {
        let tables = world.tables
        for (id, row) in tables.tasks.sorted(by: { $0.key < $1.key }) {
            let number = Self.parts(row.task.request.url).number
            if row.isLive {
                let place = tables.claims[id].map { "\($0)" } ?? "not claimed"
                return world.violate("task \(number) is not finished: \(row.state), planned \(row.planTime), \(place)")
            }
            if (row.state == .dead) != (tables.deadLetters[id] != nil) {
                world.violate("task \(number) is \(row.state) and its dead letter does not fit")
            }
            let last = tables.attempts[.init(id: id, attempt: row.attempt)]
            if row.isExpired {
                checkExpired(row, number)
            } else if row.state == .dead, row.task.onLost == .retry, last?.status != Destination.finalStatus,
                !(tables.deadLetters[id] ?? "").contains("before expires_at"),
                row.attempt - row.retriesFrom != row.task.retrySchedule.maxRetries + 1
            {
                world.violate("task \(number) is dead after attempt \(row.attempt), and a retry was left")
            }
            if row.state == .succeeded, last?.succeeded != true {
                world.violate("task \(number) succeeded by no attempt")
            }
            for attempt in 1..<row.attempt + 1 where tables.attempts[.init(id: id, attempt: attempt)] == nil {
                world.violate("task \(number) lacks attempt \(attempt)")
            }
            let called = Set((files[number]?.calls ?? []).filter { $0.id == id }.map(\.attempt))
            for attempt in 1..<row.attempt + 1 where !called.contains(attempt) {
                if tables.attempts[.init(id: id, attempt: attempt)]?.outcomeClass != "lost" {
                    world.violate("attempt \(attempt) of task \(number) was used without a call")
                }
            }
        }
        if !tables.scheduled.isEmpty || !tables.ready.isEmpty || !tables.claims.isEmpty {
            world.violate("all tasks are finished, and rows are left")
        }
        for (id, number) in ids where tables.tasks[id] == nil { world.violate("task \(number) is lost") }
    }
}
