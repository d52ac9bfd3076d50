import Scheduler

/// What a seed makes of the world: how many processes and tasks, how they are set up, and what happens to them.
struct Scenario {
    var hosts: Int
    var tasks: Int
    var queues: Int
    /// Nanoseconds; nothing happens to anybody after it.
    var end: Int64
    var configurations: [Configuration]
    var faults: [Fault]
    var steerings: Int
    /// Limits of queues, by number.
    var limits: [Int: QueueRule] = [:]
    /// All tasks are due at once, in a queue with a limit, and their calls take long; instances join meanwhile.
    var isRush: Bool

    /// Something that happens at a time.
    struct Fault {
        var at: Int64
        var kind: Kind
    }

    enum Kind {
        case crash(host: Int, restartAfter: Int64)
        case pause(host: Int, length: Int64)
        /// The way of one host to the database, or of all; refused, or silent.
        case cut(host: Int?, length: Int64, isSilent: Bool)
        case databaseClock(by: Int64)
        case wallClock(host: Int, by: Int64)
        case drain(host: Int, restartAfter: Int64)
        case pauseQueue(Int, length: Int64)
        /// A receiver answers nothing.
        case outage(receiver: Int, length: Int64)
        /// A file with other values of what is live.
        case reconfigure(host: Int, Configuration)
    }

    private static let defaults = Configuration()

    init(_ random: inout SeededRandom) {
        isRush = random.chance(0.1)
        hosts = random.integer((isRush ? 2 : 1)...4)
        tasks = random.chance(0.1) ? random.integer(30...60) : random.integer(5...30)
        queues = isRush ? 1 : random.integer(1...3)
        end = random.time(6000...20_000)
        steerings = random.chance(0.3) ? 0 : random.integer(1...tasks)
        configurations = []
        faults = []
        for host in 0..<hosts {
            // The first claims in any case.
            configurations.append(Self.configuration(isWorker: host == 0 || isRush || random.chance(0.85), &random))
        }
        if random.chance(0.5) {
            for queue in 1...queues where random.chance(0.7) { limits[queue] = Self.limit(&random) }
        }
        if isRush {
            limits = [1: QueueRule()]
            limits[1]!.maxConcurrency = random.integer(2...5)
        }
        let kinds = (0..<9).filter { _ in random.chance(0.4) }
        for kind in kinds {
            for _ in 0..<random.integer(1...3) {
                faults.append(Fault(at: random.time(500...Int(end / 1_000_000)), kind: self.kind(kind, &random)))
            }
        }
    }

    private func kind(_ kind: Int, _ random: inout SeededRandom) -> Kind {
        let host = random.integer(0...hosts - 1)
        switch kind {
        case 0: return .crash(host: host, restartAfter: random.time(50...6000))
        case 1: return .pause(host: host, length: random.pick([random.time(10...2500), random.time(2500...9000)]))
        case 2:
            return .cut(
                host: random.chance(0.7) ? host : nil,
                length: random.pick([random.time(50...2000), random.time(2000...8000)]),
                isSilent: random.chance(0.5))
        case 3:
            let size = random.time(1000...20_000)
            return .databaseClock(by: random.chance(0.5) ? size : -size)
        case 4:
            let size = random.time(1000...3_600_000)
            return .wallClock(host: host, by: random.chance(0.5) ? size : -size)
        case 5: return .drain(host: host, restartAfter: random.time(50...3000))
        case 6:
            return .pauseQueue(
                random.integer(0...queues - 1), length: random.pick([random.time(10...2000), random.time(2000...9000)]))
        case 7:
            return .outage(
                receiver: random.integer(0...2),
                length: random.pick([random.time(500...3000), random.time(2000...9000)]))
        default:
            let old = configurations[host]
            var new = Self.configuration(isWorker: true, &random)
            (new.roles, new.claim.lookahead) = (old.roles, old.claim.lookahead)
            new.intake.connections = old.intake.connections
            return .reconfigure(host: host, new)
        }
    }

    private static func limit(_ random: inout SeededRandom) -> QueueRule {
        var rule = QueueRule()
        if random.chance(0.6) { rule.maxConcurrency = random.integer(1...5) }
        if random.chance(0.6) { rule.rate = Double(random.integer(10...60)) / 2 }
        if random.chance(0.5) { rule.burst = random.integer(1...6) }
        rule.priority = random.integer(-1...1)
        rule.weight = random.integer(1...3)
        return rule
    }

    /// Times and numbers small, so that everything fills up and runs out.
    private static func configuration(isWorker: Bool, _ random: inout SeededRandom) -> Configuration {
        var configuration = defaults
        configuration.roles = isWorker ? [.api, .worker] : [.api]
        configuration.cluster.lease = .seconds(3)
        configuration.cluster.heartbeat = .milliseconds(900)
        configuration.claim.lookahead = .milliseconds(random.integer(500...3000))
        configuration.claim.pollMax = .milliseconds(500)
        configuration.claim.readyPoll = .milliseconds(200)
        configuration.claim.sweepInterval = .seconds(2)
        configuration.claim.batch = random.integer(1...20)
        configuration.claim.highWatermark = random.integer(2...40)
        configuration.claim.lowWatermark = configuration.claim.highWatermark / 2
        configuration.start.lead = .milliseconds(random.pick([5, 15, 15, 100, 400]))
        configuration.start.batch = random.integer(1...10)
        configuration.dispatch.maxInFlight = random.integer(1...20)
        configuration.dispatch.destinationSharePercent = random.integer(10...100)
        configuration.breaker.settings.failures = random.pick([0, 2, 3, 5])
        configuration.breaker.settings.minimumCalls = random.integer(4...20)
        configuration.breaker.settings.failurePercent = random.integer(60...100)
        configuration.breaker.settings.interval = .milliseconds(random.integer(100...2000))
        configuration.breaker.settings.longestInterval = .milliseconds(random.integer(2000...5000))
        configuration.breaker.settings.probes = random.integer(1...3)
        configuration.breaker.returnsPerSecond = random.integer(5...100)
        configuration.outcome.batch = random.integer(1...10)
        configuration.outcome.delay = .milliseconds(random.integer(0...20))
        configuration.outcome.maxWaiting = random.integer(2...30)
        configuration.intake.batch = random.integer(1...10)
        configuration.intake.connections = random.integer(1...3)
        configuration.intake.timeout = .milliseconds(random.integer(500...4000))
        configuration.intake.maxWaiting = 40
        configuration.shutdown.drain = .milliseconds(random.integer(100...4000))
        return configuration
    }

    /// What may happen to each transaction.
    func linkFaults(_ random: inout SeededRandom) -> LinkFaults {
        let faults = LinkFaults()
        faults.end = end
        func rate(_ most: Double) -> Double {
            random.chance(0.5) ? 0 : most * Double(random.integer(1...100)) / 100
        }
        faults.deadlocks = rate(0.05)
        faults.lostBefore = rate(0.08)
        faults.lostAfter = rate(0.08)
        faults.slow = rate(0.05)
        faults.skips = rate(0.2)
        return faults
    }
}
