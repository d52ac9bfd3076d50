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
        var backoff = Backoff()
        while !Task.isCancelled {
            do {
                try await round(&plan)
                backoff.reset()
            } catch {
                if Task.isCancelled { break }
                logger.warning("claiming failed: \(error)")
                await backoff.pause(clock.time)
            }
        }
    }

    private func round(_ plan: inout ClaimPlan) async throws {
        try await placer.settle(at: clock.time.now()) { try await store.held(incarnation) }
        try await waitForRoom()
        let settings = settings()
        plan.settings = settings.plan
        let now = clock.now()
        let low = plan.lowMarks(now: now)
        let view = try await store.peek(lowScheduled: low.scheduled, lowReady: low.ready)
        placer.setPaused(view.paused)
        try await giveBackPaused()
        let heads = view.heads
        if plan.pause(view.paused) || wheel.count >= settings.highWatermark { return }
        let ranges = plan.ranges(
            heads, now: now, room: settings.highWatermark - wheel.count, backlogRoom: dispatcher.backlogRoom)
        var starved = plan.starved
        if !ranges.isEmpty {
            let claims = try await claim(ranges, settings)
            plan.advance(claims.positions, now: now)
            starved = claims.starved ?? starved
        }
        if let starved {
            try await waitForBacklogRoom(starved, settings.plan)
        } else if ranges.isEmpty {
            let pause = plan.pause(heads, now: now)
            await placer.claimable.wait(until: clock.time.now().advanced(by: pause), clock.time)
        }
    }

    /// Between the marks nothing is claimed, so that a full wheel does not mean claims of a few rows each. It ends as well
    /// when it is time to look for queues that were paused.
    private func waitForRoom() async throws {
        let until = clock.time.now().advanced(by: settings().plan.pollMax)
        guard wheel.count >= settings().highWatermark else { return }
        repeat {
            try await clock.time.sleep(for: .milliseconds(50))
        } while wheel.count > settings().lowWatermark && clock.time.now() < until
    }

    /// What waits in the wheel of queues that are paused goes back to `ready`, for whoever has room when they go on.
    private func giveBackPaused() async throws {
        let queues = placer.takeHeldPaused()
        if queues.isEmpty { return }
        do {
            while true {
                let entries = try await store.giveBack(
                    incarnation, queues: queues, limit: Self.givenBackAtOnce, now: clock.now())
                if entries.isEmpty { return }
                wheel.remove(entries)
            }
        } catch {
            placer.mayHoldPaused()
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
        let most = min(settings.batch, dispatcher.backlogShare(among: starved.queues))
        return dispatcher.backlogRoom(queue: starved.queue, among: starved.queues) * 2 >= most
    }

    private static let gathering: Duration = .milliseconds(5)

    /// One claim of each range in turn, until each has come to its end, the room is used, or it is time to look again.
    /// - Returns: how far each got, and who wants more room.
    private func claim(_ ranges: [ClaimRange], _ settings: Settings) async throws -> (
        positions: [(range: ClaimRange, reached: Timestamp?)], starved: ClaimPlan.Starved?
    ) {
        var positions: [(range: ClaimRange, reached: Timestamp?)] = []
        var starved: ClaimPlan.Starved?
        let queues = Set(ranges.map(\.queueID)).count
        let until = clock.time.now().advanced(by: settings.plan.pollMax)
        var turn = ranges
        while !turn.isEmpty, wheel.count < settings.highWatermark, clock.time.now() < until, !Task.isCancelled {
            var next: [ClaimRange] = []
            for var range in turn {
                let claimed = try await claim(range, settings.plan)
                guard claimed.count == range.limit, let last = claimed.last else {
                    positions.append((range, nil))
                    continue
                }
                range.low = last
                if !claimed.started.isEmpty {
                    let this = ClaimPlan.Starved(queue: range.queueID, queues: queues)
                    guard hasEnoughRoom(this, settings.plan) else {
                        starved = this
                        positions.append((range, last))
                        continue
                    }
                    let room = dispatcher.backlogRoom(queue: range.queueID, among: queues)
                    range.limit = max(1, min(settings.plan.batch, room))
                }
                next.append(range)
            }
            turn = next
        }
        return (positions + turn.map { ($0, $0.low) }, starved)
    }

    private func claim(_ range: ClaimRange, _ settings: ClaimPlan.Settings) async throws -> Claimed {
        let now = clock.now()
        let claimed = try await store.claim(
            range, incarnation: incarnation, now: now, startDueBy: now + settings.lead, startLimit: range.limit)
        metrics.tasksClaimed.add(claimed.waiting.count + claimed.started.count, "poll")
        wheel.insert(claimed.waiting)
        dispatcher.submit(claimed.started, incarnation: incarnation, isBacklog: true)
        return claimed
    }
}
