import Logging
import MySQL

/// Makes the tasks of schedules whose runs come near. Every instance runs one, and whoever is first makes them.
struct ScheduleLoop: Sendable {
    let store: MySQLStore
    let placer: Placer
    let newID: @Sendable () -> TaskID
    let clock: ClusterClock
    /// One was made or changed here.
    let changed: Signal
    let logger: Logger

    /// How long a schedule that another instance made may stay unseen.
    private static let poll: Duration = .seconds(1)
    /// The same where there is none that has runs to come.
    private static let idlePoll: Duration = .seconds(5)
    /// Until it is looked whether another instance, which holds what is due, has made its tasks.
    private static let turn: Duration = .milliseconds(50)
    private static let batch = 50

    /// Runs until it is cancelled.
    func run() async {
        var backoff = Backoff()
        var claims = true
        while !Task.isCancelled {
            do {
                // A plain read: mostly nothing is due.
                let next = try await store.nextScheduleTime()
                var pause = next.map { min($0 - clock.now(), Self.poll) } ?? Self.idlePoll
                if pause <= .zero {
                    let made = try await makeRuns(claims: claims)
                    claims = true
                    pause = made > 0 ? .zero : Self.turn
                }
                backoff.reset()
                if pause == .zero { continue }
                await changed.wait(until: clock.time.now().advanced(by: pause), clock.time)
            } catch let error as MySQLError where error.isFenced {
                // This process has a new incarnation or none: what is due soon goes to whoever has room.
                claims = false
            } catch {
                if Task.isCancelled { return }
                // What was committed without an answer may be in our claims.
                placer.uncertain(at: clock.time.now())
                logger.warning("schedules cannot be looked at: \(error)")
                await backoff.pause(clock.time)
            }
        }
    }

    /// - Returns: how many schedules were moved on.
    private func makeRuns(claims: Bool) async throws -> Int {
        let now = clock.now()
        let (placer, newID) = (placer, newID)
        let made = try await store.makeRuns(now: now, limit: Self.batch) { stored, lastIsLive in
            let schedule = stored.schedule
            let plan = RunPlan(
                schedule, next: stored.nextAt ?? now, now: now, horizon: now + schedule.lead + schedule.lead / 2,
                lastIsLive: lastIsLive)
            let tasks = plan.runs.map { run in
                let task = schedule.task(for: run.time, planTime: run.isMissed ? now : nil)
                let place = placer.place(task.planTime, queue: stored.queueID, now: now)
                return AcceptedTask(
                    id: newID(), task: task, queueID: stored.queueID, createdAt: now,
                    place: place == .scheduled || claims ? place : .ready)
            }
            return (plan, tasks)
        }
        placer.committed(made.placements)
        for problem in made.problems { logger.error("\(problem)") }
        return made.schedules
    }
}
