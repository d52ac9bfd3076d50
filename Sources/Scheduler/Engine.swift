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

    // MARK: What others need of it

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
