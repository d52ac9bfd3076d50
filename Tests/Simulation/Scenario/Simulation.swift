import Scheduler

/// One run: a cluster of schedulerd, its clients and its mishaps, from a seed.
package final class Simulation {
    package struct Report: Sendable {
        package var seed: UInt64
        /// nil: all invariants held.
        package var violation: String?
        /// Virtual seconds.
        package var length = 0.0
        package var tasks = 0
        package var calls = 0
        /// Attempts that recovery gave up for lost.
        package var lost = 0
        /// How often tasks were put off because of their receivers.
        package var putOffs = 0
        package var trace: [String] = []
    }

    /// A machine on which one process runs after the other.
    private struct Host {
        var offset: Int64
        var partsPerMillion: Int64
        var wallOffset: Int64 = 0
        var faults: LinkFaults
        var process: SimulatedProcess?
        var started = 0
    }

    private let world: World
    private let scenario: Scenario
    private let oracle: Oracle
    private var client: Client!
    private var hosts: [Host] = []
    private var random: SeededRandom
    private var isEnding = false

    /// After the faults everything must be finished within this, in nanoseconds; a clock that was set back adds to it.
    private static let patience: Int64 = 90_000_000_000
    /// Calls that must wait for one another.
    private static let patienceWithLimits: Int64 = 300_000_000_000
    /// A process that is told to end has ended within this, when nothing happens to it.
    private static let patienceForDrain: Int64 = 15_000_000_000

    /// Runs a seed. The same seed does the same every time.
    package static func run(seed: UInt64, breakage: Breakage? = nil, tracing: Bool = false) -> Report {
        let simulation = Simulation(seed, breakage, isTracing: tracing)
        defer { simulation.close() }
        return simulation.run(seed)
    }

    private init(_ seed: UInt64, _ breakage: Breakage?, isTracing: Bool) {
        random = SeededRandom(seed)
        world = World(random: random.split(), isTracing: isTracing)
        world.tables.breakage = breakage
        oracle = Oracle(world, random.split())
        scenario = Scenario(&random)
    }

    private func run(_ seed: UInt64) -> Report {
        let shared = scenario.linkFaults(&random)
        for _ in 0..<scenario.hosts {
            hosts.append(
                Host(
                    offset: random.time(0...1_000_000), partsPerMillion: Int64(random.integer(-50...50)),
                    faults: random.chance(0.5) ? shared.copy() : scenario.linkFaults(&random)))
        }
        for queue in 1...scenario.queues {
            guard let rule = scenario.limits[queue] else { continue }
            // In order, so that they have these numbers.
            for number in 0..<queue { _ = world.tables.queueID("queue\(number)") }
            world.tables.rules[queue] = rule
        }
        oracle.hosts = scenario.hosts
        client = Client(
            world, oracle, random.split(), queues: scenario.queues, isRush: scenario.isRush
        ) { [unowned self] in anyProcess() }
        let begun = scenario.isRush ? 5000 : 500
        for host in hosts.indices { world.after(random.time(0...begun)) { [unowned self] in start(host) } }
        for fault in scenario.faults { world.at(fault.at) { [unowned self] in happen(fault.kind) } }
        for number in 0..<scenario.tasks {
            let accepted = scenario.isRush ? 2000 : Int(scenario.end / 1_000_000)
            world.at(random.time(100...accepted)) { [unowned self] in client.accept(number) }
        }
        for _ in 0..<scenario.steerings {
            world.at(random.time(300...Int(scenario.end / 1_000_000))) { [unowned self] in client.steer() }
        }
        world.run(until: scenario.end + 1)
        world.note("the faults have stopped")
        calm()
        let setBack = oracle.clockJumps.filter { $0.by < 0 }.reduce(0) { $0 - $1.by }
        // What comes late is accepted late.
        world.run(until: world.now + 5_000_000_000)
        let patience = scenario.limits.isEmpty ? Self.patience : Self.patienceWithLimits
        world.run(until: world.now + patience + 2 * setBack) { oracle.unfinished == 0 }
        if world.violation == nil { oracle.checkRest() }
        end()
        var report = Report(seed: seed, violation: world.violation)
        report.length = Double(world.now) / 1_000_000_000
        report.tasks = world.tables.tasks.count
        report.calls = oracle.calls
        report.putOffs = oracle.putOffs
        report.lost = world.tables.attempts.values.count { $0.outcomeClass == "lost" }
        report.trace = world.trace
        return report
    }

    // MARK: Processes

    private func start(_ index: Int) {
        guard hosts[index].process == nil, !isEnding else { return }
        hosts[index].started += 1
        let host = hosts[index]
        let time = VirtualTime(
            world, random.split(), offset: host.offset, partsPerMillion: host.partsPerMillion)
        time.wallOffset = host.wallOffset
        let process = SimulatedProcess(
            world, "host\(index + 1).\(host.started)", scenario.configurations[index], time)
        hosts[index].process = process
        world.processes.append(process)
        world.note("\(process.name) begins")
        process.start(oracle, SimulatedLink(process, oracle, host.faults, random.split()))
    }

    private func anyProcess() -> SimulatedProcess? {
        let processes = hosts.compactMap(\.process).filter { $0.engine != nil && !$0.hasEnded }
        return processes.isEmpty ? nil : random.pick(processes)
    }

    // MARK: Faults

    private func happen(_ kind: Scenario.Kind) {
        switch kind {
        case .crash(let host, let restartAfter):
            hosts[host].process?.crash()
            hosts[host].process = nil
            world.after(restartAfter) { [unowned self] in start(host) }
        case .pause(let host, let length):
            guard let process = hosts[host].process, !process.isPaused else { return }
            process.pause()
            world.after(length) { if !process.isDead { process.resume() } }
        case .cut(let host, let length, let isSilent):
            world.note("\(host.map { "host\($0 + 1)" } ?? "everybody") is cut off, \(isSilent ? "silent" : "refused")")
            for (index, other) in hosts.enumerated() where host == nil || host == index {
                let window = world.now..<world.now + length
                if isSilent { other.faults.silent.append(window) } else { other.faults.away.append(window) }
            }
        case .databaseClock(let difference):
            world.note("the database's clock is set by \(difference / 1_000_000) ms")
            world.setDatabaseClock(by: difference)
            oracle.clockJumps.append((world.now, difference))
        case .wallClock(let host, let difference):
            world.note("the wall clock of host\(host + 1) is set by \(difference / 1_000_000) ms")
            hosts[host].wallOffset += difference
            hosts[host].process?.time.wallOffset = hosts[host].wallOffset
        case .drain(let host, let restartAfter):
            guard let process = hosts[host].process else { return }
            world.note("\(process.name) is told to end")
            process.disturb()
            process.stop.notify()
            awaitEnd(of: process, host, restartAfter)
        case .pauseQueue(let queue, let length):
            client.setPaused(true, queue: queue)
            world.after(length) { [unowned self] in client.setPaused(false, queue: queue) }
        case .outage(let receiver, let length):
            world.note("receiver \(receiver) lets everything hang")
            oracle.outages[receiver].append(world.now..<world.now + length)
        case .reconfigure(let host, let configuration):
            guard let process = hosts[host].process else { return }
            world.note("\(process.name) has another configuration")
            process.live.replace(with: configuration)
        }
    }

    /// Starts the next process when the last one has ended.
    private func awaitEnd(of process: SimulatedProcess, _ host: Int, _ restartAfter: Int64) {
        guard hosts[host].process === process else { return }
        if process.hasEnded {
            hosts[host].process = nil
            world.after(restartAfter) { [unowned self] in start(host) }
        } else if world.now > scenario.end + Self.patienceForDrain {
            world.violate("\(process.name) was told to end and goes on")
        } else {
            world.after(100_000_000) { [unowned self] in awaitEnd(of: process, host, restartAfter) }
        }
    }

    /// From now on nothing happens to anybody.
    private func calm() {
        for host in hosts {
            host.faults.away = []
            host.faults.silent = []
            host.process?.resume()
        }
        client.stop()
        resumeQueues()
    }

    /// Again and again: a pause may take effect late.
    private func resumeQueues() {
        for name in world.tables.queues { _ = world.tables.setPaused(false, queue: name) }
        world.after(1_000_000_000) { [unowned self] in resumeQueues() }
    }

    /// Everything is finished: so must the processes be, when they are told.
    private func end() {
        guard world.violation == nil else { return }
        isEnding = true
        for host in hosts { host.process?.stop.notify() }
        world.run(until: world.now + Self.patienceForDrain) { [hosts] in
            hosts.allSatisfy { $0.process?.hasEnded ?? true }
        }
        for host in hosts where host.process?.hasEnded == false {
            world.violate("\(host.process!.name) was told to end at last and goes on")
        }
    }

    private func close() {
        world.close()
    }
}
