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
    /// Given when calls have ended: there is room to start more. For the start loop.
    package let hasRoom = Signal()
    /// The same, for the loop that starts what is overdue.
    package let hasOverdueRoom = Signal()
    /// The same, for the claim loop.
    package let hasBacklogRoom = Signal()
    /// By which what is overdue gives way to what is on time.
    package let backlogPacer: BacklogPacer
    /// Given when a call of a queue has ended that somebody waits for.
    private let callEnded: Signal
    private let awaitedQueues: AwaitedQueues
    private let capacity: @Sendable () -> Int
    private let backlogLimit: @Sendable () -> Int
    private let clock: ClusterClock
    private let gates: DestinationGates
    private let directory: DestinationDirectory
    private let place: PutOffPlace
    private let isBlocked: @Sendable () -> Bool
    private let metrics: EngineMetrics
    private let loop: any CallLoop
    private let started: StartedTasks
    private let lease: LeaseBox
    private let onEnded: @Sendable ([EndedCall]) -> Void

    /// - Parameters:
    ///   - capacity: started tasks that may be held at once, on their way or waiting for their moment.
    ///   - backlogLimit: how many of them may be overdue ones that were claimed as such.
    ///   - gates: what the destinations let through.
    ///   - directory: which destination a URL belongs to.
    ///   - place: where the row of a task of a queue goes that is put off.
    ///   - callEnded: given when a call of a queue has ended that is awaited.
    ///   - isBlocked: whether outcomes wait that cannot be written: then nothing more is started.
    ///   - onBreakers: called on the transfer thread when breakers have opened or closed; it must not block.
    ///   - onEnded: called on the transfer thread with all calls that ended together; it must not block.
    package init(
        capacity: @escaping @Sendable () -> Int, backlogLimit: @escaping @Sendable () -> Int, clock: ClusterClock,
        gates: DestinationGates, directory: DestinationDirectory,
        place: @escaping PutOffPlace, calls: CallLoopMaker,
        callEnded: Signal = Signal(), isBlocked: @escaping @Sendable () -> Bool, metrics: EngineMetrics,
        onBreakers: @escaping @Sendable ([DestinationGates.Change]) -> Void,
        onEnded: @escaping @Sendable ([EndedCall]) -> Void
    ) {
        self.metrics = metrics
        self.onEnded = onEnded
        self.capacity = capacity
        self.backlogLimit = backlogLimit
        self.clock = clock
        backlogPacer = BacklogPacer(clock.time)
        self.gates = gates
        self.directory = directory
        self.place = place
        self.isBlocked = isBlocked
        let started = StartedTasks()
        self.started = started
        let lease = LeaseBox()
        self.lease = lease
        self.callEnded = callEnded
        let awaitedQueues = AwaitedQueues()
        self.awaitedQueues = awaitedQueues
        let signals = [hasRoom, hasOverdueRoom, hasBacklogRoom]
        loop = calls(
            { now in lease.isHeld(at: now) },
            { results in
                let entries = started.take(results.lazy.map(\.token))
                var ended: [EndedCall] = []
                ended.reserveCapacity(entries.count)
                for (entry, result) in zip(entries, results) {
                    // Not sent because the lease is lost or the process ends: what is left in `claims` tells the others
                    // that it was started.
                    guard let entry, result.failure?.kind != .fenced, result.failure?.kind != .shutdown else {
                        continue
                    }
                    ended.append(EndedCall(task: entry.task, incarnation: entry.incarnation, result: result))
                }
                metrics.callsFired.add(ended.count { $0.result.failure?.kind != .expired })
                let changes = gates.ended(zip(entries, results).compactMap { DestinationGates.Ending($0, $1, clock) })
                if !changes.isEmpty { onBreakers(changes) }
                if !ended.isEmpty { onEnded(ended) }
                let queues = started.release(entries)
                for signal in signals { signal.notify() }
                if awaitedQueues.contains(anyOf: queues) { callEnded.notify() }
            })
    }

    /// The lease under which calls are made; nil: none are.
    package func setLease(_ lease: Lease?) {
        self.lease.set(lease)
    }

    /// How many more tasks may be started.
    package var room: Int { isBlocked() ? 0 : max(0, capacity() - count) }

    /// How many more tasks may be started that are overdue: an eighth is kept for those that are on time.
    package var overdueRoom: Int {
        let capacity = capacity()
        return isBlocked() ? 0 : max(0, max(1, capacity * 7 / 8) - count)
    }

    /// How many more overdue tasks of a queue may be started.
    package func backlogRoom(queue: Int, _ share: BacklogShare) -> Int {
        min(room, started.backlogRoom(queue: queue, share, limit: backlogLimit(), now: clock.time.now()))
    }

    /// How many overdue tasks a queue may have started at all.
    package func backlogPart(_ share: BacklogShare) -> Int {
        started.backlogPart(share, limit: backlogLimit())
    }

    /// Started tasks of a queue that have not ended.
    package func count(queue: Int) -> Int { started.count(queue: queue) }

    /// From now on the end of a call of one of these queues is told.
    package func awaitCalls(of queues: Set<Int>) { awaitedQueues.set(queues) }

    /// Started tasks that have not ended.
    package var count: Int { started.count }

    /// To be asked which tasks of a batch are started, and then given to `submit`, or released.
    /// - Parameter mayHold: whether tasks may stay where they are for a moment; else they are put off.
    package func admission(mayHold: Bool = true) -> Admission {
        Admission(gates: gates, directory: directory, clock: clock, mayHold: mayHold, place: place)
    }

    /// Ends those whose `expiresAt` may have come. They need no room, and nothing of a limit. Of the others it may come
    /// before they are called: the call loop asks again.
    /// - Parameter admission: who let them through, some of them only to be ended.
    /// - Returns: the others.
    package func withoutExpired(
        _ tasks: [StartedTask], incarnation: UInt64, _ admission: Admission
    ) -> [StartedTask] {
        guard tasks.contains(where: { $0.expiresAt != nil }) else { return tasks }
        let now = clock.time.now()
        let expired = admission.expired
        var (live, ended): ([StartedTask], [EndedCall]) = ([], [])
        for task in tasks {
            if expired.contains(task.id) || task.isExpired(at: now, clock) {
                var result = TransferResult(token: 0, firedAt: now, finishedAt: now)
                result.failure = TransferFailure(kind: .expired, message: "its time was over before it was called")
                ended.append(EndedCall(task: task, incarnation: incarnation, result: result))
            } else {
                live.append(task)
            }
        }
        if !ended.isEmpty { onEnded(ended) }
        return live
    }

    /// Takes tasks whose start is committed.
    /// - Parameters:
    ///   - admission: who let them through.
    ///   - isBacklog: they were overdue when they were claimed.
    ///   - times: before which each is not called, whatever its plan time; empty: at once.
    package func submit(
        _ tasks: [StartedTask], incarnation: UInt64, _ admission: Admission, isBacklog: Bool = false,
        times: [ContinuousClock.Instant] = []
    ) {
        let putOff = admission.takeReasons()
        for (reason, count) in putOff { metrics.tasksDeferred.add(count, reason.rawValue) }
        if isBacklog { started.passedOver(putOff.values.reduce(0, +)) }
        let passes = admission.passes(of: tasks)
        if tasks.isEmpty { return }
        metrics.tasksStarted.add(tasks.count)
        let now = clock.time.now()
        let first = started.add(tasks, passes, incarnation, isBacklog: isBacklog, now: now)
        loop.submit(
            tasks.enumerated().map { index, task in
                // Overdue ones stand in line from now on: their old plan times go before nobody who is on time.
                var fireAt = max(now, clock.instant(of: task.planTime), passes[index].notBefore ?? now)
                if let time = index < times.count ? times[index] : times.last { fireAt = max(fireAt, time) }
                var request = TransferRequest(task, token: first + UInt64(index), fireAt: fireAt)
                if isBacklog { request.line = task.queueID }
                // It may have to wait for its turn.
                request.fireBefore = task.expiresAt.map { clock.instant(before: $0) }
                let destination = passes[index].destination
                request.addressPolicy = destination.addressPolicy
                if let signer = destination.signer { request.sign(task.id, by: signer, clock) }
                return request
            })
    }

    /// Takes back all that has not been fired; it stays started in the database, for recovery to find.
    package func withdraw() {
        let entries = started.take(loop.withdraw())
        gates.withdraw(entries.compactMap { $0?.pass })
        started.release(entries)
        for signal in [hasRoom, hasOverdueRoom, hasBacklogRoom] { signal.notify() }
    }

    package func close() {
        loop.close()
    }
}

/// The queues whose calls somebody waits for.
private final class AwaitedQueues: Sendable {
    private let queues = Mutex<Set<Int>>([])

    func set(_ queues: Set<Int>) {
        self.queues.withLock { $0 = queues }
    }

    func contains(anyOf others: some Sequence<Int>) -> Bool {
        queues.withLock { queues in !queues.isEmpty && others.contains { queues.contains($0) } }
    }
}

extension DestinationGates.Ending {
    fileprivate init?(_ entry: StartedTasks.Entry?, _ result: TransferResult, _ clock: ClusterClock) {
        guard let pass = entry?.pass else { return nil }
        self.init(pass: pass, sign: CallSign(result))
        if sign == .overloaded, let text = result.retryAfter {
            let limit = pass.destination.settings.longestRetryAfter
            retryAfter = RetryAfter.time(text, end: clock.time(at: result.finishedAt), limit: limit)
                .map { clock.instant(of: $0) }
        }
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
        var headers: [TransferHeader] = []
        headers.reserveCapacity(task.request.headers.count + 4)
        for field in task.request.headers { headers.append(TransferHeader(field.name, field.value)) }
        for field in CallbackHeaders.identity(of: task.id, attempt: task.attempt) {
            headers.append(TransferHeader(field.name, field.value))
        }
        let trace = CallbackHeaders.trace(task.trace, of: task.id, attempt: task.attempt, request: task.request)
        if let trace { headers.append(TransferHeader(trace.name, trace.value)) }
        self.init(
            token: token, fireAt: fireAt, method: task.request.method, url: task.request.url, headers: headers,
            body: CallbackRequest.sendsBody(method: task.request.method) ? task.request.body : nil,
            timeout: task.timeout, maxRedirects: task.request.maxRedirects)
    }

    /// The signature carries the time of the call itself, for which it may have to wait.
    mutating func sign(_ id: TaskID, by signer: WebhookSigner, _ clock: ClusterClock) {
        headers.removeAll { WebhookSigner.owns(headerName: $0.name.lowercased()) }
        let (method, url, body) = (method, url, body ?? [])
        headersAtFiring = { now in
            signer.headers(id: id, time: clock.time(at: now), method: method, url: url, body: body)
                .map { TransferHeader($0.name, $0.value) }
        }
    }
}
