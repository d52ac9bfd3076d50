package import Logging
import MySQL
import Synchronization

/// The stages of one process, wired together, and the life of its incarnations.
package final class Engine: Sendable {
    package let clock: ClusterClock
    private let live: LiveConfiguration
    private let logger: Logger
    let store: any TaskStore
    private let sources: SourceSet
    private let name: String
    private let metrics: EngineMetrics
    private let wheel = Wheel()
    let placer: Placer
    let intake: Intake
    private let outcomes: OutcomeLoop
    private let dispatcher: Dispatcher
    private let recovery: RecoveryLoop
    private let current = Mutex<Incarnation?>(nil)
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
        dispatcher = Dispatcher(
            capacity: { live.dispatch.maxInFlight + 2 * live.start.batch },
            // A batch more than may run, so that there are always some to be called while others are claimed.
            backlogLimit: { live.dispatch.backlogInFlight + live.claim.batch }, clock: clock,
            destinations: { Destinations(live.destinations) }, calls: calls, callEnded: placer.claimable,
            isBlocked: { outcomes.count >= live.outcome.maxWaiting },
            metrics: metrics, onEnded: { outcomes.append($0) })
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

    /// Tells what waits in this instance, and how its lease and its clock are.
    package func tellMetrics() {
        metrics.wheelTasks.set(wheel.count)
        metrics.callsInFlight.set(dispatcher.count)
        metrics.intakeWaiting.set(intake.count)
        metrics.outcomesWaiting.set(outcomes.count)
        metrics.leaseAge.set(current.withLock { $0?.lease }?.age(at: clock.time.now()))
        metrics.clockError.set(clock.error)
    }

    // MARK: Life

    /// Runs one incarnation after the other until `stop` is given; then drains.
    package func run(until stop: Signal) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.intake.run() }
            group.addTask { await self.outcomes.run() }
            group.addTask { await self.recovery.run() }
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

    private struct Incarnation: Sendable {
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
            if isWorker {
                let (claim, start) = (claimLoop(incarnation), startLoop(incarnation))
                group.addTask { await claim.run() }
                group.addTask { await start.run() }
            }
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

    /// Gives back what is not started, lets what runs end within the limit, and frees what is left for the others. While
    /// the database is away it waits for it, within the limit.
    private func drain(_ incarnation: Incarnation) async {
        placer.setIncarnation(nil)
        let deadline = clock.time.now().advanced(by: live.shutdown.drain)
        await giveBack(incarnation, until: deadline)
        while dispatcher.count + outcomes.count > 0, clock.time.now() < deadline, !Task.isCancelled {
            // Cancelled: seen by the loop.
            try? await clock.time.sleep(for: .milliseconds(10))
        }
        // A task accepted while this was going on may have been put into our claims.
        if await giveBack(incarnation, until: deadline) {
            // Here before there: the others may begin as soon as it has ended in the database.
            incarnation.lease.end()
            dispatcher.withdraw()
            do {
                try await store.expire(incarnation.number)
            } catch {
                logger.warning("the lease could not be given up; it runs out by itself: \(error)")
            }
        }
        let left = dispatcher.count
        if left > 0 {
            logger.warning("calls were still running at the end of shutdown.drain_s", metadata: ["count": "\(left)"])
        }
    }

    /// - Returns: false when not all could be given back by `deadline`.
    @discardableResult
    private func giveBack(_ incarnation: Incarnation, until deadline: ContinuousClock.Instant) async -> Bool {
        var backoff = Backoff()
        while true {
            do {
                while try await !store.giveBack(incarnation.number, queues: nil, limit: 500, now: clock.now()).isEmpty {
                }
                return true
            } catch {
                if Task.isCancelled || clock.time.now() >= deadline {
                    logger.warning(
                        "not all could be given back; the others take it over when the lease runs out: \(error)")
                    return false
                }
                await backoff.pause(clock.time)
            }
        }
    }

    private func claimLoop(_ incarnation: Incarnation) -> ClaimLoop {
        ClaimLoop(
            store: store, placer: placer, wheel: wheel, dispatcher: dispatcher, clock: clock,
            incarnation: incarnation.number,
            settings: { [live] in
                let claim = live.claim
                return ClaimLoop.Settings(
                    plan: ClaimPlan.Settings(
                        lookahead: claim.lookahead, pollMax: claim.pollMax, readyPoll: claim.readyPoll,
                        sweepInterval: claim.sweepInterval, lead: live.start.lead, batch: claim.batch),
                    highWatermark: claim.highWatermark, lowWatermark: claim.lowWatermark)
            }, metrics: metrics, logger: logger)
    }

    private func startLoop(_ incarnation: Incarnation) -> StartLoop {
        StartLoop(
            store: store, wheel: wheel, dispatcher: dispatcher, clock: clock, incarnation: incarnation.number,
            settings: { [live] in
                let start = live.start
                return StartLoop.Settings(lead: start.lead, batch: start.batch)
            }, logger: logger)
    }
}
