import Synchronization

/// The tasks that the call loop has, by token, and how many of them are backlog.
final class StartedTasks: Sendable {
    struct Entry {
        var task: StartedTask
        var incarnation: UInt64
        var isBacklog: Bool
    }

    private struct State {
        var lastToken: UInt64 = 0
        var byToken: [UInt64: Entry] = [:]
        /// Taken out and not released.
        var taken = 0
        var backlog = BacklogRoom()
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.byToken.count + $0.taken } }

    func backlogRoom(queue: Int, among queues: Int, limit: Int, now: ContinuousClock.Instant) -> Int {
        state.withLock { state in
            state.backlog.setLimit(limit)
            return state.backlog.room(queue: queue, among: queues, now: now)
        }
    }

    func backlogShare(among queues: Int, limit: Int) -> Int {
        state.withLock { state in
            state.backlog.setLimit(limit)
            return state.backlog.share(among: queues)
        }
    }

    /// - Returns: the token of the first; the others follow it.
    func add(_ tasks: [StartedTask], _ incarnation: UInt64, isBacklog: Bool, now: ContinuousClock.Instant) -> UInt64 {
        state.withLock { state in
            let first = state.lastToken + 1
            for (index, task) in tasks.enumerated() {
                state.byToken[first + UInt64(index)] = Entry(
                    task: task, incarnation: incarnation, isBacklog: isBacklog)
            }
            state.lastToken += UInt64(tasks.count)
            if isBacklog {
                var backlog: [Int: Int] = [:]
                for task in tasks { backlog[task.queueID, default: 0] += 1 }
                for (queue, count) in backlog { state.backlog.started(count, queue: queue, now: now) }
            }
            return first
        }
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

    func release(_ entries: [Entry?]) {
        state.withLock { state in
            var backlog: [Int: Int] = [:]
            for case let entry? in entries {
                state.taken -= 1
                if entry.isBacklog { backlog[entry.task.queueID, default: 0] += 1 }
            }
            for (queue, count) in backlog { state.backlog.ended(count, queue: queue) }
        }
    }
}
