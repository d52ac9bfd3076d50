import MySQL
import Scheduler
import Transfer

/// Sees everything that happens in a world, and says when it must not.
///
/// `@unchecked`: see `World`.
final class Oracle: @unchecked Sendable {
    unowned let world: World
    private var random: SeededRandom
    private(set) var files: [Int: TaskFile] = [:]
    private(set) var ids: [TaskID: Int] = [:]
    /// True times at which the database's clock was set, and by how much.
    var clockJumps: [(at: Int64, by: Int64)] = []
    private(set) var calls = 0
    /// How often tasks were put off.
    var putOffs = 0
    /// When each receiver lets everything hang, in true time.
    var outages: [[Range<Int64>]] = [[], [], []]
    /// True times since which queues are paused.
    var pausedAt: [Int: Int64] = [:]
    /// How many processes there may be at once.
    var hosts = 1
    /// As which each task was last seen, and how often it has come to which end.
    var states: [TaskID: StoredState] = [:]
    var ends: [TaskID: [FollowUp.Occasion: Int]] = [:]
    /// True times of the calls of queues with a rate.
    var callTimes: [Int: [Int64]] = [:]

    /// A call that was made.
    final class Call {
        let number: Int
        let id: TaskID
        let attempt: Int
        let incarnation: UInt64?
        let firedAt: ContinuousClock.Instant
        var isRunning = true
        /// nil: it is not known.
        var succeeded: Bool?
        var isFinal = false
        /// By the database's clock.
        var notBefore: Timestamp?

        init(number: Int, id: TaskID, attempt: Int, incarnation: UInt64?, firedAt: ContinuousClock.Instant) {
            self.number = number
            self.id = id
            self.attempt = attempt
            self.incarnation = incarnation
            self.firedAt = firedAt
        }
    }

    /// What is known of one task from outside.
    struct TaskFile {
        var destination: Destination
        var timeout: Int64
        var isAccepted = false
        var calls: [Call] = []
        /// The last edit that was confirmed, and those of which nobody knows.
        var version = 0
        var unknownVersions: Set<Int> = []
        /// A cancel was confirmed, and nothing asked for since could have undone it.
        var isCancelled = false
        var mayBeRetried = false
        /// Somebody asked for another time.
        var mayBeMoved = false
    }

    init(_ world: World, _ random: SeededRandom) {
        self.world = world
        self.random = random
    }

    // MARK: What clients do

    static func url(_ number: Int, version: Int) -> String {
        "http://receiver\(receiver(of: number)).test/\(number)/\(version)"
    }

    private static func receiver(of number: Int) -> Int { number % 3 }

    /// The number of what follows a task.
    static func follower(of number: Int, _ occasion: FollowUp.Occasion) -> Int {
        10_000 + 2 * number + (occasion == .onSuccess ? 0 : 1)
    }

    static func parts(_ url: String) -> (number: Int, version: Int) {
        let parts = url.split(separator: "/").suffix(2).compactMap { Int($0) }
        return (parts[0], parts[1])
    }

    func planned(_ number: Int, timeout: Duration, isSlow: Bool) {
        files[number] = TaskFile(
            destination: isSlow ? .slow : Destination(&random), timeout: timeout.microseconds * 1000)
    }

    func accepted(_ number: Int, _ id: TaskID) {
        files[number]!.isAccepted = true
        ids[id] = number
        if world.tables.tasks[id] == nil { world.violate("task \(number) was acknowledged and is not there") }
    }

    func retryIsAsked(_ number: Int) {
        files[number]!.isCancelled = false
        files[number]!.mayBeRetried = true
    }

    func retryIsAnswered(_ number: Int) {
        files[number]!.mayBeRetried = false
    }

    func moveIsAsked(_ number: Int) { files[number]!.mayBeMoved = true }

    func cancelled(_ number: Int) {
        if !files[number]!.mayBeRetried { files[number]!.isCancelled = true }
    }

    func editIsUnknown(_ number: Int, version: Int) { files[number]!.unknownVersions.insert(version) }

    func edited(_ number: Int, version: Int) {
        files[number]!.version = max(version, files[number]!.version)
        files[number]!.unknownVersions.remove(version)
    }

    // MARK: What is called

    /// How late the transfer loop is.
    func firingDelay() -> Int64 { random.chance(0.02) ? random.time(0...50) : random.time(0...1) }

    func fired(
        _ request: TransferRequest, by process: SimulatedProcess, at now: ContinuousClock.Instant
    ) -> (Call, Destination.Answer) {
        calls += 1
        let (number, version) = Self.parts(request.url)
        func header(_ name: String) -> String { request.headers.first { $0.name == name }?.value ?? "" }
        let id = TaskID(header("X-Task-Id"))!
        let attempt = Int(header("X-Task-Attempt"))!
        let claim = world.tables.claims[id]
        world.note("\(process.name) calls \(number), attempt \(attempt), version \(version)")
        let call = Call(number: number, id: id, attempt: attempt, incarnation: claim?.incarnation, firedAt: now)
        if let row = world.tables.tasks[id] {
            checkClaim(call, claim, process)
            // Another attempt's claim, or none: seen above.
            if let claim, claim.attempt == attempt { checkTime(call, claim.planTime) }
            if attempt - row.retriesFrom > row.task.retrySchedule.maxRetries + 1 {
                world.violate("task \(number) is called more often than its schedule allows")
            }
            checkAnswers(call, retriesFrom: row.retriesFrom)
            checkExpiry(call, row.task.expiresAt)
            if let rule = world.tables.rules[row.queueID] { checkLimits(call, row.queueID, rule) }
        } else {
            world.violate("task \(number) is called and is not there")
        }
        checkOrder(call, version)
        var answer = files[number]!.destination.answer(
            after: files[number]!.calls.count, timeout: files[number]!.timeout, &random)
        if outages[Self.receiver(of: number)].contains(where: { $0.contains(world.now) }) {
            answer = Destination.Answer(delay: files[number]!.timeout, status: 0)
        }
        files[number]!.calls.append(call)
        return (call, answer)
    }

    func ended(_ call: Call, _ answer: Destination.Answer?) {
        call.isRunning = false
        guard let answer else { return }
        call.succeeded = answer.status == 200
        call.isFinal = answer.status == Destination.finalStatus
        call.notBefore = answer.retryAfter.map { world.databaseNow + .seconds($0) }
    }

    /// What the receiver of the attempt before asked for holds, unless it was lost, or somebody asked for something else.
    private func checkAnswers(_ call: Call, retriesFrom: Int) {
        let file = files[call.number]!
        guard retriesFrom < call.attempt - 1,
            let last = file.calls.last(where: { $0.id == call.id && $0.attempt == call.attempt - 1 }),
            world.tables.attempts[.init(id: last.id, attempt: last.attempt)]?.outcomeClass == "status"
        else { return }
        if last.isFinal { world.violate("task \(call.number) is called again after a final answer") }
        // An instance knows the database's time to some milliseconds.
        if let time = last.notBefore, time - .milliseconds(500) > world.databaseNow, clockJumps.isEmpty,
            !file.mayBeMoved
        {
            world.violate("task \(call.number) is called before its receiver asked for it")
        }
    }

    private func checkClaim(_ call: Call, _ claim: MemoryTables.ClaimRow?, _ process: SimulatedProcess) {
        // Whoever has just lost his lease by a jump of the database's clock cannot know it yet.
        if jumped(within: 10_000_000_000, forward: true) { return }
        guard let claim, claim.startedAt != nil, claim.attempt == call.attempt,
            process.incarnations.contains(claim.incarnation)
        else {
            return world.violate(
                "task \(call.number) is called by \(process.name), attempt \(call.attempt), and its claim is"
                    + " \(claim.map { "\($0)" } ?? "gone")")
        }
        if let instance = world.tables.instance(claim.incarnation), instance.leaseUntil <= world.databaseNow {
            world.violate("task \(call.number) is called by \(process.name) after its lease")
        }
    }

    /// Calls of incarnations that have ended are nobody's any more: they cannot be called back.
    private func checkLimits(_ call: Call, _ queueID: Int, _ rule: QueueRule) {
        func isAlive(_ call: Call) -> Bool {
            call.incarnation.flatMap { world.tables.instance($0) }.map { !$0.hasEnded } ?? false
        }
        if rule.rate != nil { callTimes[queueID, default: []].append(world.now) }
        guard isAlive(call), !jumped(within: 60_000_000_000, forward: true) else { return }
        if let most = rule.maxConcurrency {
            let running = files.values.lazy.flatMap(\.calls).filter { other in
                other.isRunning && isAlive(other) && self.world.tables.tasks[other.id]?.queueID == queueID
            }
            if running.count + 1 > most {
                world.violate("task \(call.number) is called beside \(running.count) of its queue, limit \(most)")
            }
        }
        if let rate = rule.rate, let times = callTimes[queueID] {
            // What was taken ahead of its time may be called late, by each process together.
            let slack = Double(2 * rule.burstInForce + hosts + 1) + 0.3 * rate
            for (index, time) in times.enumerated() {
                let most = rate * Double(world.now - time) / 1_000_000_000 + slack
                if Double(times.count - index) > most {
                    world.violate("queue \(queueID) has \(times.count - index) calls within \(world.now - time) ns")
                }
            }
        }
    }

    private func checkTime(_ call: Call, _ planTime: Timestamp) {
        // A clock set back is seen with the next heartbeat, if the database answers.
        if planTime > world.databaseNow, !jumped(within: 60_000_000_000, forward: false) {
            world.violate("task \(call.number) is called \(planTime - world.databaseNow) too early")
        }
    }

    private func checkExpiry(_ call: Call, _ expiresAt: Timestamp?) {
        // A clock set forward is seen with the next heartbeat, if the database answers.
        guard let expiresAt, expiresAt <= world.databaseNow, !jumped(within: 60_000_000_000, forward: true) else {
            return
        }
        world.violate("task \(call.number) is called \(world.databaseNow - expiresAt) after it has expired")
    }

    private func checkOrder(_ call: Call, _ version: Int) {
        let file = files[call.number]!
        if file.isCancelled { world.violate("task \(call.number) is called after its cancel was confirmed") }
        if version < file.version, !file.unknownVersions.contains(version) {
            world.violate("task \(call.number) is called as version \(version), and \(file.version) was confirmed")
        }
        for other in file.calls where other.id == call.id {
            if other.attempt == call.attempt || (other.attempt > call.attempt && clockJumps.isEmpty) {
                world.violate("task \(call.number): attempt \(call.attempt) is called twice")
            }
            if other.attempt > call.attempt { continue }
            let record = world.tables.attempts[.init(id: other.id, attempt: other.attempt)]
            guard let record else {
                world.violate("task \(call.number) is called again and nothing is known of attempt \(other.attempt)")
                continue
            }
            if other.isRunning, record.outcomeClass != "lost" {
                world.violate("task \(call.number) is called while attempt \(other.attempt) runs")
            }
        }
    }

    /// Whether the database's clock was set lately.
    private func jumped(within nanoseconds: Int64, forward: Bool) -> Bool {
        clockJumps.contains { world.now - $0.at < nanoseconds && ($0.by > 0) == forward }
    }
}
