import MySQL
import Synchronization
package import Transfer

/// A call that has ended.
package struct EndedCall: Sendable {
    package var task: StartedTask
    package var incarnation: UInt64
    package var result: TransferResult

    package init(task: StartedTask, incarnation: UInt64, result: TransferResult) {
        self.task = task
        self.incarnation = incarnation
        self.result = result
    }
}

/// Makes the calls of started tasks at their plan times, and hands on what came of them.
package final class Dispatcher: Sendable {
    /// Given when calls have ended: there is room to start more.
    package let hasRoom = Signal()
    private let capacity: Int
    private let clock: ClusterClock
    private let isBlocked: @Sendable () -> Bool
    private let loop: any CallLoop
    private let started: Started
    private let lease: LeaseBox

    /// The tasks that the transfer loop has, by token.
    private final class Started: Sendable {
        struct Entry {
            var task: StartedTask
            var incarnation: UInt64
        }
        let entries = Mutex<(last: UInt64, byToken: [UInt64: Entry])>((0, [:]))
    }

    /// - Parameters:
    ///   - capacity: started tasks that may be held at once, on their way or waiting for their moment.
    ///   - isBlocked: whether outcomes wait that cannot be written: then nothing more is started.
    ///   - onEnded: called on the transfer thread with all calls that ended together; it must not block.
    package init(
        capacity: Int, clock: ClusterClock, calls: CallLoopMaker, isBlocked: @escaping @Sendable () -> Bool,
        onEnded: @escaping @Sendable ([EndedCall]) -> Void
    ) {
        self.capacity = capacity
        self.clock = clock
        self.isBlocked = isBlocked
        let started = Started()
        self.started = started
        let lease = LeaseBox()
        self.lease = lease
        let hasRoom = hasRoom
        loop = calls(
            { now in lease.isHeld(at: now) },
            { results in
                let ended = started.entries.withLock { entries in
                    results.compactMap { result -> EndedCall? in
                        guard let entry = entries.byToken[result.token] else { return nil }
                        // Not sent because the lease is lost or the process ends: what is left in `claims` tells the
                        // others that it was started.
                        if let kind = result.failure?.kind, kind == .fenced || kind == .shutdown { return nil }
                        return EndedCall(task: entry.task, incarnation: entry.incarnation, result: result)
                    }
                }
                if !ended.isEmpty { onEnded(ended) }
                // Not before: a drain that counts both must never find a call in neither.
                started.entries.withLock { entries in
                    for result in results { entries.byToken[result.token] = nil }
                }
                hasRoom.notify()
            })
    }

    /// The lease under which calls are made; nil: none are.
    package func setLease(_ lease: Lease?) {
        self.lease.set(lease)
    }

    /// How many more tasks may be started.
    package var room: Int { isBlocked() ? 0 : max(0, capacity - count) }

    /// Started tasks that have not ended.
    package var count: Int { started.entries.withLock { $0.byToken.count } }

    /// Takes tasks whose start is committed.
    package func submit(_ tasks: [StartedTask], incarnation: UInt64) {
        if tasks.isEmpty { return }
        let first = started.entries.withLock { entries in
            let first = entries.last + 1
            for (index, task) in tasks.enumerated() {
                entries.byToken[first + UInt64(index)] = Started.Entry(task: task, incarnation: incarnation)
            }
            entries.last += UInt64(tasks.count)
            return first
        }
        loop.submit(
            tasks.enumerated().map { index, task in
                TransferRequest(task, token: first + UInt64(index), fireAt: clock.instant(of: task.planTime))
            })
    }

    /// Takes back all that has not been fired; it stays started in the database, for recovery to find.
    package func withdraw() {
        let tokens = loop.withdraw()
        started.entries.withLock { entries in
            for token in tokens { entries.byToken[token] = nil }
        }
        hasRoom.notify()
    }

    package func close() {
        loop.close()
    }
}

/// The lease in force, as the transfer thread asks for it.
private final class LeaseBox: Sendable {
    private let lease = Mutex<Lease?>(nil)

    func set(_ lease: Lease?) {
        self.lease.withLock { $0 = lease }
    }

    func isHeld(at now: ContinuousClock.Instant) -> Bool {
        lease.withLock { $0 }?.isHeld(at: now) ?? false
    }
}

extension TransferRequest {
    fileprivate init(_ task: StartedTask, token: UInt64, fireAt: ContinuousClock.Instant) {
        var headers = task.request.headers.map { TransferHeader($0.name, $0.value) }
        headers += CallbackHeaders.identity(of: task.id, attempt: task.attempt).map {
            TransferHeader($0.name, $0.value)
        }
        self.init(
            token: token, fireAt: fireAt, method: task.request.method, url: task.request.url, headers: headers,
            body: CallbackRequest.sendsBody(method: task.request.method) ? task.request.body : nil,
            timeout: task.timeout, maxRedirects: task.request.maxRedirects)
    }
}
