package import Logging
import MySQL

/// Peeks at the heads of the queues and claims what lies within the lookahead, as far as there is room.
package struct ClaimLoop: Sendable {
    package struct Settings: Sendable {
        package var plan: ClaimPlan.Settings
        package var highWatermark: Int
        package var lowWatermark: Int

        package init(plan: ClaimPlan.Settings, highWatermark: Int, lowWatermark: Int) {
            self.plan = plan
            self.highWatermark = highWatermark
            self.lowWatermark = lowWatermark
        }
    }

    package var store: any TaskStore
    package var placer: Placer
    package var wheel: Wheel
    package var dispatcher: Dispatcher
    package var clock: ClusterClock
    package var incarnation: UInt64
    package var settings: @Sendable () -> Settings
    package var metrics: EngineMetrics
    package var logger: Logger

    package init(
        store: any TaskStore, placer: Placer, wheel: Wheel, dispatcher: Dispatcher, clock: ClusterClock,
        incarnation: UInt64,
        settings: @escaping @Sendable () -> Settings, metrics: EngineMetrics, logger: Logger
    ) {
        self.store = store
        self.placer = placer
        self.wheel = wheel
        self.dispatcher = dispatcher
        self.clock = clock
        self.incarnation = incarnation
        self.settings = settings
        self.metrics = metrics
        self.logger = logger
    }

    package func run() async {
        var plan = ClaimPlan(settings().plan)
        var limited = LimitedQueues()
        var backoff = Backoff()
        while !Task.isCancelled {
            do {
                try await round(&plan, &limited)
                backoff.reset()
            } catch {
                if Task.isCancelled { break }
                // What was put off may have been put into our claims.
                placer.uncertain(at: clock.time.now())
                logger.warning("claiming failed: \(error)")
                await backoff.pause(clock.time)
            }
        }
    }

    private func round(_ plan: inout ClaimPlan, _ limited: inout LimitedQueues) async throws {
        try await placer.settle(at: clock.time.now()) { try await store.held(incarnation) }
        try await waitForRoom(limited)
        let settings = settings()
        plan.settings = settings.plan
        let now = clock.now()
        let low = plan.lowMarks(now: now)
        let marks = limited.marks(isSweep: low.scheduled == nil)
        let view = try await store.peek(lowScheduled: low.scheduled, lowReady: low.ready, limited: marks)
        try await take(view, &limited)
        try await giveBackWithheld()
        try await putInOrder(view, &limited)
        // What has become limited or is so no more was not looked for in the right way.
        if plan.take(view.rules) || !view.limited.isSubset(of: marks.map(\.queueID)) { return }
        let room = settings.highWatermark - wheel.count
        let ranges = plan.ranges(
            room > 0 ? view.heads : [],
            limited: limited.due(
                now, startBy: now + settings.plan.lead, batch: settings.plan.batch, running: dispatcher.count(queue:),
                at: clock.time.now()),
            now: now, room: room, startRoom: dispatcher.room, backlogRoom: dispatcher.backlogRoom)
        var starved: ClaimPlan.Starved?
        if !ranges.isEmpty {
            let claims = try await claim(ranges, settings, &plan, &limited)
            plan.advance(claims.positions, now: now)
            starved = claims.starved
        }
        if let starved = starved ?? plan.starved {
            try await waitForBacklogRoom(starved, settings.plan)
        } else if plan.hasPassedOver {
            await dispatcher.hasBacklogRoom.wait(
                until: clock.time.now().advanced(by: settings.plan.readyPoll), clock.time)
            try await clock.time.sleep(for: Self.gathering)
        } else if ranges.isEmpty {
            let pause = plan.pause(view.heads, now: now)
            let until = clock.time.now().advanced(by: min(pause, self.pause(limited) ?? pause))
            // Of what comes when calls end, a batch is worth more than one at a time.
            if await placer.claimable.wait(until: until, clock.time), !limited.waitingForCalls.isEmpty {
                try await clock.time.sleep(for: Self.gathering)
            }
        }
    }

    /// Takes in what the queues are like, and this instance's shares of their limits.
    private func take(_ view: ClaimView, _ limited: inout LimitedQueues) async throws {
        let wishes = limited.take(
            view, as: incarnation, running: dispatcher.count(queue:), at: clock.time.now())
        placer.setQueues(paused: view.paused, limited: limited.interesting, newest: view.newestQueue)
        dispatcher.awaitCalls(of: limited.waitingForCalls)
        if wishes.isEmpty { return }
        let granted = try await store.setShares(wishes, incarnation: incarnation)
        limited.granted(granted, at: clock.time.now())
    }

    /// Recovery, operations on many tasks and instances that do not know of the limit put tasks into `ready`.
    private func putInOrder(_ view: ClaimView, _ limited: inout LimitedQueues) async throws {
        for head in view.heads where head.stage == .ready && view.rules[head.queueID]?.isLimited == true {
            while try await store.putInOrder(queue: head.queueID, limit: Self.givenBackAtOnce) == Self.givenBackAtOnce {
            }
            limited.forgetMark(head.queueID)
        }
    }

    /// Until something of a limited queue can be called, as far as that is known.
    private func pause(_ limited: LimitedQueues) -> Duration? {
        if limited.isEmpty { return nil }
        return limited.pause(
            clock.now(), lead: settings().plan.lead, running: dispatcher.count(queue:), at: clock.time.now())
    }

    /// Between the marks nothing is claimed, so that a full wheel does not mean claims of a few rows each. It ends as well
    /// when it is time to look for queues that were paused.
    private func waitForRoom(_ limited: LimitedQueues) async throws {
        guard wheel.count >= settings().highWatermark else { return }
        let pollMax = settings().plan.pollMax
        let until = clock.time.now().advanced(by: min(pollMax, pause(limited) ?? pollMax))
        repeat {
            try await clock.time.sleep(for: .milliseconds(50))
        } while wheel.count > settings().lowWatermark && clock.time.now() < until
    }

    /// What waits in the wheel of queues that are paused or limited goes back to `ready`, for whoever may call it then.
    private func giveBackWithheld() async throws {
        let queues = placer.takeHeldWithheld()
        if queues.isEmpty { return }
        do {
            while true {
                let entries = try await store.giveBack(
                    incarnation, queues: queues, limit: Self.givenBackAtOnce, now: clock.now())
                if entries.isEmpty { return }
                wheel.remove(entries)
            }
        } catch {
            placer.mayHoldWithheld()
            throw error
        }
    }

    private static let givenBackAtOnce = 500

    /// Calls of overdue tasks must end first. Claims of a few rows cost nearly as much as claims of hundreds: so it waits a
    /// little longer than for the first of them.
    private func waitForBacklogRoom(_ starved: ClaimPlan.Starved, _ settings: ClaimPlan.Settings) async throws {
        let time = clock.time
        let until = time.now().advanced(by: settings.readyPoll)
        await dispatcher.hasBacklogRoom.wait(until: until, time)
        repeat {
            try await time.sleep(for: Self.gathering)
        } while !hasEnoughRoom(starved, settings) && time.now() < until
    }

    /// Whether a claim is worth its while.
    private func hasEnoughRoom(_ starved: ClaimPlan.Starved, _ settings: ClaimPlan.Settings) -> Bool {
        let most = min(dispatcher.backlogPacer.batch(settings.batch), dispatcher.backlogPart(starved.share))
        return dispatcher.backlogRoom(queue: starved.queue, starved.share) * 2 >= most
    }

    private static let gathering: Duration = .milliseconds(5)
    private static let passingOver: Duration = .milliseconds(20)

    /// One claim of each range in turn, until each has come to its end, the room is used, or it is time to look again.
    /// Overdue tasks of one class are claimed only when there are none of a higher one.
    /// - Returns: how far each got, and who wants more room.
    private func claim(
        _ ranges: [ClaimRange], _ settings: Settings, _ plan: inout ClaimPlan, _ limited: inout LimitedQueues
    ) async throws -> (positions: [(range: ClaimRange, reached: Timestamp?)], starved: ClaimPlan.Starved?) {
        var positions: [(range: ClaimRange, reached: Timestamp?)] = []
        var starved: ClaimPlan.Starved?
        let longest = limited.isEmpty ? settings.plan.pollMax : min(settings.plan.pollMax, settings.plan.readyPoll)
        let until = clock.time.now().advanced(by: longest)
        var (turn, later) = BacklogClasses.first(of: ranges)
        var isExhausted = true
        while !turn.isEmpty {
            guard clock.time.now() < until, !Task.isCancelled else { break }
            var next: [ClaimRange] = []
            for var range in turn {
                if !range.isLimited, wheel.count >= settings.highWatermark {
                    positions.append((range, range.low))
                    isExhausted = false
                    continue
                }
                if range.backlog != nil, !range.isLimited {
                    range.limit = min(range.limit, dispatcher.backlogPacer.batch(settings.plan.batch))
                }
                let claimed = try await claim(range, settings.plan, &limited)
                let isAtEnd = claimed.count < range.limit
                if range.isLimited { limited.advance(range.queueID, reached: isAtEnd ? nil : claimed.last) }
                guard !isAtEnd, let last = claimed.last else {
                    positions.append((range, nil))
                    continue
                }
                range.low = last
                if claimed.hasBacklog, !range.isLimited, let backlog = range.backlog {
                    let this = ClaimPlan.Starved(queue: range.queueID, share: backlog)
                    guard hasEnoughRoom(this, settings.plan) else {
                        starved = this
                        isExhausted = false
                        positions.append((range, last))
                        continue
                    }
                }
                range.limit = nextLimit(range, isStarted: claimed.hasBacklog, settings.plan, limited)
                if range.limit > 0 {
                    next.append(range)
                } else {
                    // A limit of its own holds up nobody else.
                    if range.backlog != nil, !range.isLimited { isExhausted = false }
                    positions.append((range, last))
                }
            }
            turn = next
            if turn.isEmpty, isExhausted {
                (turn, later) = BacklogClasses.first(of: later)
                for index in turn.indices {
                    turn[index].limit = nextLimit(turn[index], isStarted: true, settings.plan, limited)
                }
                turn.removeAll { range in
                    if range.limit > 0 { return false }
                    plan.passOver(range)
                    positions.append((range, range.low))
                    return true
                }
            }
        }
        // Else it was time to look again, and nothing is in the way.
        if turn.isEmpty { for range in later { plan.passOver(range) } }
        return (positions + (turn + later).map { ($0, $0.low) }, starved)
    }

    private func nextLimit(
        _ range: ClaimRange, isStarted: Bool, _ settings: ClaimPlan.Settings, _ limited: LimitedQueues
    ) -> Int {
        let backlogRoom = range.backlog.map { dispatcher.backlogRoom(queue: range.queueID, $0) }
        if range.isLimited {
            return limited.room(
                range.queueID, min(settings.batch, backlogRoom ?? dispatcher.room),
                running: dispatcher.count(queue: range.queueID), at: clock.time.now())
        }
        guard isStarted else { return range.limit }
        guard let backlogRoom else { return min(settings.batch, range.limit) }
        return min(dispatcher.backlogPacer.batch(settings.batch), backlogRoom)
    }

    private func claim(
        _ range: ClaimRange, _ settings: ClaimPlan.Settings, _ limited: inout LimitedQueues
    ) async throws -> Claimed {
        let now = clock.now()
        // A limit counts what was claimed as under way: nothing of it waits here.
        let admission = dispatcher.admission(mayHold: !range.isLimited)
        let begun = clock.time.now()
        let claimed: Claimed
        do {
            claimed = try await store.claim(
                range, incarnation: incarnation, now: now, startDueBy: now + settings.lead, startLimit: range.limit,
                admit: admission.decide)
        } catch {
            admission.release()
            throw error
        }
        metrics.tasksClaimed.add(claimed.waiting.count + claimed.started.count, "poll")
        wheel.insert(claimed.waiting)
        let live = dispatcher.withoutExpired(claimed.started, incarnation: incarnation, admission)
        let times =
            range.isLimited ? limited.started(live.count, queue: range.queueID, at: clock.time.now()) : []
        dispatcher.submit(
            live, incarnation: incarnation, admission, isBacklog: !range.isLimited || range.backlog != nil, times: times
        )
        placer.committed(claimed.putOff)
        if claimed.hasBacklog, range.backlog != nil, !range.isLimited {
            try await dispatcher.backlogPacer.rest(since: begun)
        }
        // A backlog of what cannot be called is gone through at a pace that leaves the database to the others.
        if claimed.started.isEmpty, !claimed.putOff.isEmpty { try await clock.time.sleep(for: Self.passingOver) }
        return claimed
    }
}
