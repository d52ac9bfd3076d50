import MySQL
import Scheduler
import Transfer

/// Sees everything that happens in a world, and says when it must not.
///
/// `@unchecked`: see `World`.
final class Oracle: @unchecked Sendable {
    private unowned let world: World
    private var random: SeededRandom
    private var files: [Int: TaskFile] = [:]
    private(set) var ids: [TaskID: Int] = [:]
    /// True times at which the database's clock was set, and by how much.
    var clockJumps: [(at: Int64, by: Int64)] = []
    private(set) var calls = 0

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

        init(number: Int, id: TaskID, attempt: Int, incarnation: UInt64?, firedAt: ContinuousClock.Instant) {
            self.number = number
            self.id = id
            self.attempt = attempt
            self.incarnation = incarnation
            self.firedAt = firedAt
        }
    }

    /// What is known of one task from outside.
    private struct TaskFile {
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
    }

    init(_ world: World, _ random: SeededRandom) {
        self.world = world
        self.random = random
    }

    // MARK: What clients do

    static func url(_ number: Int, version: Int) -> String { "http://receiver.test/\(number)/\(version)" }

    private static func parts(_ url: String) -> (number: Int, version: Int) {
        let parts = url.split(separator: "/").suffix(2).compactMap { Int($0) }
        return (parts[0], parts[1])
    }

    func planned(_ number: Int, timeout: Duration) {
        files[number] = TaskFile(
            destination: Destination(&random), timeout: timeout.microseconds * 1000)
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
        } else {
            world.violate("task \(number) is called and is not there")
        }
        checkOrder(call, version)
        let answer = files[number]!.destination.answer(
            after: files[number]!.calls.count, timeout: files[number]!.timeout, &random)
        files[number]!.calls.append(call)
        return (call, answer)
    }

    func ended(_ call: Call, succeeded: Bool?) {
        call.isRunning = false
        call.succeeded = succeeded
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

    private func checkTime(_ call: Call, _ planTime: Timestamp) {
        // A clock set back is seen with the next heartbeat, if the database answers.
        if planTime > world.databaseNow, !jumped(within: 60_000_000_000, forward: false) {
            world.violate("task \(call.number) is called \(planTime - world.databaseNow) too early")
        }
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

    // MARK: What the database holds

    /// Looks at what the last transaction has done.
    func check(_ process: SimulatedProcess) {
        let changes = world.tables.changes
        world.tables.changes = []
        for change in changes {
            switch change {
            case .touched(let id): checkPlace(id)
            case .returned: break
            case .recorded(let id, let attempt, let incarnation, let claim):
                checkRecorded(id, attempt, incarnation, claim, process)
            case .lost(let id, let attempt, let incarnation):
                let owner = world.processes.first { $0.incarnations.contains(incarnation) }
                if let owner, !owner.isDisturbed, clockJumps.isEmpty {
                    world.violate("attempt \(attempt) of \(id) is lost, and nothing had happened to \(owner.name)")
                }
            }
        }
    }

    private func checkPlace(_ id: TaskID) {
        let places = world.tables.places(of: id)
        guard let row = world.tables.tasks[id] else { return world.violate("\(id) has a live row and no task") }
        if places != (row.isLive ? 1 : 0) {
            world.violate("task \(id) is \(row.state) and has \(places) live rows")
        }
    }

    private func checkRecorded(
        _ id: TaskID, _ attempt: Int, _ incarnation: UInt64, _ claim: MemoryTables.ClaimRow?,
        _ process: SimulatedProcess
    ) {
        guard let claim, claim.incarnation == incarnation, claim.startedAt != nil, claim.attempt == attempt else {
            return world.violate("an outcome of \(id) is accepted, and its claim is \(String(describing: claim))")
        }
        if world.tables.instance(incarnation)?.hasEnded ?? true {
            world.violate("an outcome of \(id) is accepted from an incarnation that has ended")
        }
        if !process.incarnations.contains(incarnation) {
            world.violate("an outcome of \(id) is accepted from a process that did not make it")
        }
        let call = files.values.lazy.flatMap(\.calls).first { $0.id == id && $0.attempt == attempt }
        let record = world.tables.attempts[.init(id: id, attempt: attempt)]
        if call?.succeeded ?? false != record?.succeeded { world.violate("attempt \(attempt) of \(id) is misjudged") }
    }

    // MARK: The end

    var unfinished: Int { world.tables.tasks.values.count { $0.isLive } }

    /// What must hold when the faults have stopped and everything has had its time.
    func checkRest() {
        let tables = world.tables
        for (id, row) in tables.tasks.sorted(by: { $0.key < $1.key }) {
            let number = Self.parts(row.task.request.url).number
            if row.isLive {
                let place = tables.claims[id].map { "\($0)" } ?? "not claimed"
                return world.violate("task \(number) is not finished: \(row.state), planned \(row.planTime), \(place)")
            }
            if (row.state == .dead) != (tables.deadLetters[id] != nil) {
                world.violate("task \(number) is \(row.state) and its dead letter does not fit")
            }
            if row.state == .dead, row.task.onLost == .retry,
                row.attempt - row.retriesFrom != row.task.retrySchedule.maxRetries + 1
            {
                world.violate("task \(number) is dead after attempt \(row.attempt), and a retry was left")
            }
            let last = tables.attempts[.init(id: id, attempt: row.attempt)]
            if row.state == .succeeded, last?.succeeded != true {
                world.violate("task \(number) succeeded by no attempt")
            }
            for attempt in 1..<row.attempt + 1 where tables.attempts[.init(id: id, attempt: attempt)] == nil {
                world.violate("task \(number) lacks attempt \(attempt)")
            }
        }
        if !tables.scheduled.isEmpty || !tables.ready.isEmpty || !tables.claims.isEmpty {
            world.violate("all tasks are finished, and rows are left")
        }
        for (id, number) in ids where tables.tasks[id] == nil { world.violate("task \(number) is lost") }
    }
}
