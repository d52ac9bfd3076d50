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
        var byQueue: [Int: Int] = [:]
        var backlog = BacklogRoom()
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.byToken.count } }

    func count(queue: Int) -> Int { state.withLock { $0.byQueue[queue] ?? 0 } }

    func backlogRoom(queue: Int, _ share: BacklogShare, limit: Int, now: ContinuousClock.Instant) -> Int {
        state.withLock { state in
            state.backlog.setLimit(limit)
            return state.backlog.room(queue: queue, share, now: now)
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
            for (queue, count) in Self.countByQueue(tasks.map(\.queueID)) {
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

    /// In the order of the tokens; nil for those that are not there.
    func entries(of tokens: [UInt64]) -> [Entry?] {
        state.withLock { state in tokens.map { state.byToken[$0] } }
    }

    /// - Returns: the queues that they are of.
    @discardableResult
    func remove(_ tokens: [UInt64]) -> Dictionary<Int, Int>.Keys {
        state.withLock { state in
            let entries = tokens.compactMap { state.byToken.removeValue(forKey: $0) }
            let backlog = entries.filter(\.isBacklog).map(\.task.queueID)
            for (queue, count) in Self.countByQueue(backlog) { state.backlog.ended(count, queue: queue) }
            let ended = Self.countByQueue(entries.map(\.task.queueID))
            for (queue, count) in ended {
                let left = state.byQueue[queue, default: 0] - count
                state.byQueue[queue] = left > 0 ? left : nil
            }
            return ended.keys
        }
    }

    private static func countByQueue(_ queues: [Int]) -> [Int: Int] {
        queues.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
}
