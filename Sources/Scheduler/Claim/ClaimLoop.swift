package import Logging
import MySQL

/// Peeks at the heads of the queues and claims what lies within the lookahead, as far as there is room.
package struct ClaimLoop: Sendable {
    package var store: any TaskStore
    package var placer: Placer
    package var wheel: Wheel
    package var dispatcher: Dispatcher
    package var clock: ClusterClock
    package var incarnation: UInt64
    package var settings: ClaimPlan.Settings
    package var lead: Duration
    package var highWatermark: Int
    package var lowWatermark: Int
    package var logger: Logger

    package init(
        store: any TaskStore, placer: Placer, wheel: Wheel, dispatcher: Dispatcher, clock: ClusterClock,
        incarnation: UInt64,
        settings: ClaimPlan.Settings, lead: Duration, highWatermark: Int, lowWatermark: Int, logger: Logger
    ) {
        self.store = store
        self.placer = placer
        self.wheel = wheel
        self.dispatcher = dispatcher
        self.clock = clock
        self.incarnation = incarnation
        self.settings = settings
        self.lead = lead
        self.highWatermark = highWatermark
        self.lowWatermark = lowWatermark
        self.logger = logger
    }

    package func run() async {
        var plan = ClaimPlan(settings)
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
        let held = wheel.count
        guard held < highWatermark else {
            // Between the marks nothing is claimed, so that a full wheel does not mean claims of a few rows each.
            while wheel.count > lowWatermark, !Task.isCancelled {
                await dispatcher.hasRoom.wait(until: clock.time.now().advanced(by: .milliseconds(100)), clock.time)
            }
            return
        }
        let now = clock.now()
        let low = plan.lowMarks(now: now)
        let heads = try await store.peek(lowScheduled: low.scheduled, lowReady: low.ready)
        var ranges = plan.ranges(heads, now: now, room: highWatermark - held)
        guard !ranges.isEmpty else {
            let pause = plan.pause(heads, now: now)
            await placer.claimable.wait(until: clock.time.now().advanced(by: pause), clock.time)
            return
        }
        var positions: [(range: ClaimRange, reached: Timestamp?)] = []
        // One turn for each queue, until each has come to its end or the room is used.
        while !ranges.isEmpty, wheel.count < highWatermark, !Task.isCancelled {
            var more: [ClaimRange] = []
            for var range in ranges {
                let claimed = try await claim(range)
                if claimed.count == range.limit, let last = claimed.last {
                    range.low = last
                    more.append(range)
                } else {
                    positions.append((range, nil))
                }
            }
            ranges = more
        }
        positions += ranges.map { ($0, $0.low) }
        plan.advance(positions, now: now)
    }

    private func claim(_ range: ClaimRange) async throws -> Claimed {
        let now = clock.now()
        let claimed = try await store.claim(
            range, incarnation: incarnation, now: now, startDueBy: now + lead, startLimit: dispatcher.room)
        wheel.insert(claimed.waiting)
        dispatcher.submit(claimed.started, incarnation: incarnation)
        return claimed
    }
}
