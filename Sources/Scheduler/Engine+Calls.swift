import Logging
import MySQL
import Synchronization

/// What an incarnation does for tasks, and what it tells of it.
extension Engine {
    /// Claims tasks and starts them, as soon as it is known what holds for their destinations.
    func callTasks(as incarnation: Incarnation) async {
        await board.waitUntilKnown()
        let claim = claimLoop(incarnation)
        let (start, late) = (startLoop(incarnation, .onTime), startLoop(incarnation, .overdue))
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await claim.run() }
            group.addTask { await start.run() }
            group.addTask { await late.run() }
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

    private func startLoop(_ incarnation: Incarnation, _ part: StartLoop.Part) -> StartLoop {
        StartLoop(
            part, store: store, wheel: wheel, dispatcher: dispatcher, clock: clock,
            incarnation: incarnation.number,
            settings: { [live] in
                let start = live.start
                return StartLoop.Settings(lead: start.lead, batch: start.batch)
            },
            onPutOff: { [placer] in placer.committed($0) },
            onDoubt: { [placer, clock] in placer.uncertain(at: clock.time.now()) }, logger: logger)
    }

    /// Tells what waits in this instance, and how its lease and its clock are.
    package func tellMetrics() {
        metrics.wheelTasks.set(wheel.count)
        metrics.callsInFlight.set(dispatcher.count)
        metrics.breakersOpen.set(gates.failing.count)
        let paused = board.view.records.values.filter { $0.pausedAt != nil }
        let pausedByFailure = paused.count { $0.pausesItself }
        metrics.destinationsPaused.replace(
            with: [(["failure"], Double(pausedByFailure)), (["person"], Double(paused.count - pausedByFailure))])
        metrics.intakeWaiting.set(intake.count)
        metrics.outcomesWaiting.set(outcomes.count)
        metrics.leaseAge.set(current.withLock { $0?.lease }?.age(at: clock.time.now()))
        metrics.clockError.set(clock.error)
    }
}
