package import Logging
import MySQL
import Synchronization

/// The stages of one process, wired together, and the life of its incarnations.
package final class Engine: Sendable {
    package let clock: ClusterClock
    let live: LiveConfiguration
    let logger: Logger
    let store: any TaskStore
    private let sources: SourceSet
    private let name: String
    let metrics: EngineMetrics
    let wheel = Wheel()
    let placer: Placer
    let intake: Intake
    let outcomes: OutcomeLoop
    let dispatcher: Dispatcher
    let gates: DestinationGates
    let board: DestinationBoard
    private let recovery: RecoveryLoop
    let current = Mutex<Incarnation?>(nil)
    private let isStopping = Atomic(false)

    private var isWorker: Bool { live.roles.contains(.worker) }

    package init(
        _ live: LiveConfiguration, name: String, store: any TaskStore, clock: ClusterClock,
        calls: CallLoopMaker, buffer: RedisSource? = nil, sources: SourceSet = SourceSet(),
        metrics: EngineMetrics = EngineMetrics(), logger: Logger
    ) {
        self.metrics = metrics
        self.name = name
        self.live = live
        self.logger = logger
        self.store = store
        self.clock = clock
        placer = Placer(
            wheel: wheel, roomInWheel: { live.claim.highWatermark }, lookahead: live.claim.lookahead,
            metrics: metrics)
        intake = Intake(
            store: store, buffer: buffer, placer: placer, clock: clock,
            settings: {
                let intake = live.intake
                return .init(
                    batch: intake.batch, maxWaiting: intake.maxWaiting, timeout: intake.timeout,
                    lanes: intake.connections)
            },
            metrics: metrics, logger: logger)
        self.sources = sources
        let newID = { @Sendable [intake] in intake.newID() }
        let outcomes = OutcomeLoop(
            store: store, placer: placer, clock: clock, newID: newID,
            settings: {
                let outcome = live.outcome
                return .init(
                    batch: outcome.batch, delay: outcome.delay, responseLogBytes: live.dispatch.responseLogBytes,
                    retryAfterLimit: outcome.retryAfterLimit)
            },
            metrics: metrics, logger: logger)
        self.outcomes = outcomes
        let (placer, gates, board) = (placer, DestinationGates(clock.time), DestinationBoard())
        self.gates = gates
        self.board = board
        let directory = DestinationDirectory { live.make { DestinationDirectory.Rules($0, board.view) } }
        dispatcher = Dispatcher(
            capacity: { live.dispatch.maxInFlight + 2 * live.start.batch },
            // A batch more than may run, so that there are always some to be called while others are claimed.
            backlogLimit: { live.dispatch.backlogInFlight + live.claim.batch }, clock: clock,
            gates: gates, directory: directory, place: placer.putOff, calls: calls, callEnded: placer.claimable,
            isBlocked: { outcomes.count >= live.outcome.maxWaiting },
            metrics: metrics,
            onBreakers: { Self.tell($0, board, clock, logger) },
            onEnded: { outcomes.append($0) })
        recovery = RecoveryLoop(
            store: store, placer: placer, clock: clock, newID: newID, metrics: metrics, logger: logger)
    }

    // MARK: What is asked of it

    package func accept(_ task: NewTask) async throws -> TaskRecord {
        let accepted = try await intake.accept(task)
        return TaskRecord(
            id: accepted.id, task: task, state: accepted.place?.state ?? .scheduled, attempt: 0,
            nextAttemptAt: task.planTime,
            createdAt: accepted.createdAt, finishedAt: nil, version: 1, requestVersion: 1,
            isBuffered: accepted.place == nil)
    }

    /// Accepts tasks together. - Throws: `SchedulerError` when they are not made, or not again.
    package func accept(_ tasks: [NewTask], _ terms: GroupTerms) async throws -> RequestAnswer {
        // The holder of a key may end, and another take it, between two looks.
        for _ in 0..<10 {
            switch try await intake.accept(tasks, terms) {
            case .answered(let answer, _): return answer
            case .otherRequest: throw SchedulerError.otherRequest
            case .underWay: throw SchedulerError.requestUnderWay
            case .refused(let taken):
                guard tasks.count == 1, terms.onConflict == [.replace] else { throw SchedulerError.keyTaken(taken) }
                if let answer = try await replace(taken[0].holder, with: tasks[0], terms) { return answer }
            }
        }
        throw SchedulerError.requestUnderWay
    }

    /// - Returns: nil when another task has the key by now.
    private func replace(_ holder: TaskID, with task: NewTask, _ terms: GroupTerms) async throws -> RequestAnswer? {
        let now = clock.now()
        let queueID = try await store.queueID(task.queue)
        let place = placer.place(task.planTime, queue: queueID, now: now)
        let accepted = AcceptedTask(
            id: intake.newID(), task: task, queueID: queueID, createdAt: now,
            place: place == .scheduled ? place : .ready)
        let group = TaskGroup(tasks: [accepted], terms: terms)
        switch try await store.insert([group], replacing: holder, now: now)[0] {
        case .answered(let answer, let made):
            if !made.isEmpty { placer.committed([accepted.placement]) }
            return answer
        case .refused(let taken) where taken.first?.holder == holder:
            throw SchedulerError.conflict(.running, "the task \(holder), which has the key, is running")
        case .refused: return nil
        case .otherRequest: throw SchedulerError.otherRequest
        case .underWay: throw SchedulerError.requestUnderWay
        }
    }

    /// Makes the task of a message that was in quarantine, under the id that it was given; again it does nothing.
    package func accept(_ id: TaskID, _ message: BufferedTask) async throws {
        let now = clock.now()
        let queueID = try await store.queueID(message.task.queue)
        let place = placer.place(message.task.planTime, queue: queueID, now: now)
        let accepted = AcceptedTask(
            id: id, task: message.task, queueID: queueID,
            createdAt: message.createdAt, place: place == .scheduled ? place : .ready)
        if try await !store.known([id]).isEmpty { return }
        try await store.insert([accepted], now: now)
        placer.committed([accepted.placement])
    }

    /// Makes a task of which it is known that it is a copy. - Returns: its id.
    package func accept(_ task: NewTask, copyOf original: TaskID) async throws -> TaskID {
        let now = clock.now()
        let queueID = try await store.queueID(task.queue)
        let place = placer.place(task.planTime, queue: queueID, now: now)
        var accepted = AcceptedTask(
            id: intake.newID(), task: task, queueID: queueID, createdAt: now,
            place: place == .scheduled ? place : .ready)
        accepted.copyOf = original
        try await store.insert([accepted], now: now)
        placer.committed([accepted.placement])
        return accepted.id
    }

    package func steer(_ id: TaskID, _ steering: Steering) async throws -> TaskRecord {
        let result: SteeringResult
        do {
            result = try await steer(id, steering, claims: true)
        } catch let error as MySQLError where error.isFenced {
            // This process has a new incarnation or none: what is due soon goes to whoever has room.
            result = try await steer(id, steering, claims: false)
        } catch {
            placer.uncertain(at: clock.time.now())
            throw error
        }
        switch result {
        case .notFound: throw SchedulerError.notFound(id)
        case .conflict(let state): throw SchedulerError.conflict(state, "the task is \(state.rawValue)")
        case .beingRemoved(let state):
            throw SchedulerError.conflict(
                state, "the task ended longer ago than history is kept (retention.days) and is just being removed")
        case .changed(let version): throw SchedulerError.versionChanged(version)
        case .keyTaken(let holder): throw SchedulerError.keyTaken([.init(index: 0, holder: holder)])
        case .done(let record, let entered):
            if let entered { placer.committed([entered]) }
            return record
        }
    }

    private func steer(_ id: TaskID, _ steering: Steering, claims: Bool) async throws -> SteeringResult {
        let now = clock.now()
        let placer = placer
        return try await store.steer(id, steering, now: now) { queueID, time in
            let place = placer.place(time, queue: queueID, now: now)
            return place == .scheduled || claims ? place : .ready
        }
    }

    /// Pauses a queue, or lets it go on. This instance sees it at once, the others with their next poll.
    package func setPaused(_ isPaused: Bool, queue: String) async throws {
        guard try await store.setPaused(isPaused, queue: queue) else { throw SchedulerError.unknownQueue(queue) }
        placer.claimable.notify()
    }

    /// Makes the tasks of schedules.
    func scheduleLoop(_ store: MySQLStore, changed: Signal) -> ScheduleLoop {
        ScheduleLoop(
            store: store, placer: placer, newID: { [intake] in intake.newID() }, clock: clock, changed: changed,
            logger: logger)
    }

    /// The incarnation that this process is now; nil: none.
    package var incarnation: UInt64? { current.withLock { $0?.number } }

    /// Where a live row goes that is for whoever has room.
    func place(_ time: Timestamp, queue queueID: Int) -> Place {
        placer.place(time, queue: queueID, now: clock.now()) == .scheduled ? .scheduled : .ready
    }

    /// Tasks that are due have entered `ready`.
    func wakeClaims() {
        placer.claimable.notify()
    }

    package var unreadiness: String? {
        guard let lease = current.withLock({ $0?.lease }), lease.isHeld(at: clock.time.now()) else {
            return "this instance holds no lease: the database cannot be reached"
        }
        if isWorker, !placer.claims, !isStopping.load(ordering: .relaxed) {
            return "this instance has not looked at the queues yet"
        }
        return nil
    }

    // MARK: Life

    /// Runs one incarnation after the other until `stop` is given; then drains.
    package func run(until stop: Signal) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.intake.run() }
            group.addTask { await self.outcomes.run() }
            group.addTask { await self.recovery.run() }
            group.addTask { await self.destinationKeeper.run() }
            defer {
                // What is not recorded by now stays in `claims`, for recovery to find.
                dispatcher.close()
                group.cancelAll()
            }
            do {
                try await runIncarnations(until: stop)
            } catch {
                intake.close()
                throw error
            }
            intake.close()
        }
    }

    private func runIncarnations(until stop: Signal) async throws {
        var pause: Duration = .milliseconds(100)
        var hasBegun = false
        while true {
            do {
                let incarnation = try await register()
                pause = .milliseconds(100)
                hasBegun = true
                if await run(incarnation, until: stop) || Task.isCancelled { return }
                metrics.leasesLost.add(1)
                logger.warning("lease lost; beginning again", metadata: ["incarnation": "\(incarnation.number)"])
            } catch let error as MySQLError where error.isTransient || hasBegun {
                // Whatever a database says that has carried an incarnation before, it may do so again.
                logger.warning("no incarnation can be begun: \(error)")
                if await stop.wait(until: clock.time.now().advanced(by: pause), clock.time) || Task.isCancelled {
                    return
                }
                pause = min(pause * 2, .seconds(2))
            }
        }
    }

    struct Incarnation: Sendable {
        var number: UInt64
        var lease: Lease
    }

    private func register() async throws -> Incarnation {
        let sentAt = clock.time.now()
        let number = try await store.register(
            name: name, version: schedulerVersion,
            lookahead: isWorker ? live.claim.lookahead : nil, lease: live.cluster.lease)
        for _ in 0..<5 { clock.add(try await store.sampleClock()) }
        // There before the first look at the queues, so that it is known.
        _ = try await store.queueID(NewTask.defaultQueue)
        logger.info("incarnation begun", metadata: ["incarnation": "\(number)"])
        return Incarnation(number: number, lease: Lease(duration: live.cluster.lease, sentAt: sentAt))
    }

    /// - Returns: true when it ended because of `stop`, false when its lease was lost and no `stop` had been given.
    private func run(_ incarnation: Incarnation, until stop: Signal) async -> Bool {
        current.withLock { $0 = incarnation }
        dispatcher.setLease(incarnation.lease)
        if isWorker { placer.setIncarnation(incarnation.number) }
        let isStopped = await withTaskGroup(of: Ending.self) { group in
            group.addTask { await self.keepLease(of: incarnation) }
            group.addTask { await self.work(as: incarnation, until: stop) }
            // The other is cancelled: the lease is not renewed once the work has ended, and the work ends with the lease.
            var ending = await group.next()
            // Told to stop, it lets running calls end, lease or not.
            if ending == .leaseLost, isStopping.load(ordering: .relaxed) { ending = await group.next() }
            group.cancelAll()
            return ending == .worked
        }
        incarnation.lease.end()
        dispatcher.setLease(nil)
        placer.setIncarnation(nil)
        board.setShare(.none, now: clock.time.now(), patience: .zero)
        current.withLock { $0 = nil }
        dispatcher.withdraw()
        _ = wheel.removeAll()
        // Lost in the middle of a drain: what is left of it is for recovery.
        return isStopped || isStopping.load(ordering: .relaxed)
    }

    private enum Ending {
        case worked
        case leaseLost
    }

    private func keepLease(of incarnation: Incarnation) async -> Ending {
        let keeper = LeaseKeeper(
            store: store, clock: clock, lease: incarnation.lease, incarnation: incarnation.number,
            interval: live.cluster.heartbeat, logger: logger)
        let own = live.claim.lookahead
        do {
            try await keeper.run { view in
                self.board.setShare(
                    ShareOfLimit(of: incarnation.number, among: view.workers), now: self.clock.time.now(),
                    patience: self.live.cluster.lease)
                self.placer.setLookahead(max(view.lookahead ?? own, own))
                self.recovery.recover(view.expired)
            }
        } catch {
            // Cancelled or lost; the caller knows which.
        }
        return .leaseLost
    }

    private func work(as incarnation: Incarnation, until stop: Signal) async -> Ending {
        await withTaskGroup(of: Void.self) { group in
            if isWorker { group.addTask { await self.callTasks(as: incarnation) } }
            group.addTask { await self.drainSources(as: incarnation) }
            if await stop.wait() { isStopping.store(true, ordering: .relaxed) }
            group.cancelAll()
        }
        if !Task.isCancelled { await drain(incarnation) }
        return .worked
    }

    /// Drains the sources there are, and others as soon as others are configured.
    private func drainSources(as incarnation: Incarnation) async {
        while !Task.isCancelled {
            await withTaskGroup(of: Void.self) { group in
                for source in sources.all {
                    let drain = SourceDrain(
                        source, store: store, placer: placer, clock: clock, incarnation: incarnation.number,
                        metrics: metrics, logger: logger)
                    group.addTask { await drain.run() }
                }
                await sources.changed.wait()
                group.cancelAll()
            }
        }
    }
}
