import Synchronization

/// The tasks that the call loop has, by token, and how many of them are backlog.
final class StartedTasks: Sendable {
    struct Entry {
        var task: StartedTask
        var pass: Pass
        var incarnation: UInt64
        var isBacklog: Bool
    }

    private struct State {
        var lastToken: UInt64 = 0
        var byToken: [UInt64: Entry] = [:]
        /// Taken out and not released.
        var taken = 0
        /// How many there are of each queue, those not released included.
        var byQueue: [Int: Int] = [:]
        var backlog = BacklogRoom()
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.byToken.count + $0.taken } }

    func count(queue: Int) -> Int { state.withLock { $0.byQueue[queue] ?? 0 } }

    func backlogRoom(queue: Int, _ share: BacklogShare, limit: Int, now: ContinuousClock.Instant) -> Int {
        state.withLock { state in
            state.backlog.setLimit(limit)
            return state.backlog.room(queue: queue, share, now: now)
        }
    }

    func backlogPart(_ share: BacklogShare, limit: Int) -> Int {
        state.withLock { state in
            state.backlog.setLimit(limit)
            return state.backlog.part(share)
        }
    }

    /// - Returns: the token of the first; the others follow it.
    func add(
        _ tasks: [StartedTask], _ passes: [Pass], _ incarnation: UInt64, isBacklog: Bool, now: ContinuousClock.Instant
    ) -> UInt64 {
        state.withLock { state in
            let first = state.lastToken + 1
            for (index, task) in tasks.enumerated() {
                state.byToken[first + UInt64(index)] = Entry(
                    task: task, pass: passes[index], incarnation: incarnation, isBacklog: isBacklog)
            }
            state.lastToken += UInt64(tasks.count)
            var counts: [Int: Int] = [:]
            for task in tasks { counts[task.queueID, default: 0] += 1 }
            for (queue, count) in counts {
                state.byQueue[queue, default: 0] += count
                if isBacklog { state.backlog.started(count, queue: queue, now: now) }
            }
            return first
        }
    }

    /// So many were claimed as backlog and put off.
    func passedOver(_ count: Int) {
        state.withLock { $0.backlog.passedOver(count) }
    }

    /// Takes entries out, in the order of the tokens; nil for those that are not there. They count until `release`: a drain
    /// that counts these and what comes after must never find a call in neither.
    func take(_ tokens: some Collection<UInt64>) -> [Entry?] {
        state.withLock { state in
            let entries = tokens.map { state.byToken.removeValue(forKey: $0) }
            state.taken += entries.count { $0 != nil }
            return entries
        }
    }

    /// - Returns: the queues that they are of.
    @discardableResult
    func release(_ entries: [Entry?]) -> Dictionary<Int, Int>.Keys {
        state.withLock { state in
            var (backlog, ended): ([Int: Int], [Int: Int]) = ([:], [:])
            for case let entry? in entries {
                state.taken -= 1
                ended[entry.task.queueID, default: 0] += 1
                if entry.isBacklog { backlog[entry.task.queueID, default: 0] += 1 }
            }
            for (queue, count) in backlog { state.backlog.ended(count, queue: queue) }
            for (queue, count) in ended {
                let left = state.byQueue[queue, default: 0] - count
                state.byQueue[queue] = left > 0 ? left : nil
            }
            return ended.keys
        }
    }
}
