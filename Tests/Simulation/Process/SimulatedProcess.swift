import Logging
import MySQL
import Scheduler

/// One process of schedulerd: the real engine on virtual time, a link to the database that may fail, and calls that go
/// nowhere.
///
/// `@unchecked`: see `World`.
final class SimulatedProcess: @unchecked Sendable {
    let name: String
    let executor = VirtualExecutor()
    let time: VirtualTime
    let stop = Signal()
    private(set) var engine: Engine?
    private(set) var calls: SimulatedCalls?
    private(set) var isPaused = false
    private(set) var isDead = false
    private(set) var hasEnded = false
    /// Whether anything has happened to it for which its tasks may be run again.
    private(set) var isDisturbed = false
    /// The true time since when it works on, after the last of that or its beginning.
    var calmSince: Int64 = 0
    /// How it last came to know the database's clock: the true time at which it was read, and how long that took.
    var incarnations: [UInt64] = []
    var link: SimulatedLink!
    private var deferred: [() -> Void] = []
    private var root: Task<Void, Never>?
    let live: LiveConfiguration
    let world: World

    init(_ world: World, _ name: String, _ configuration: Configuration, _ time: VirtualTime) {
        self.world = world
        self.name = name
        live = LiveConfiguration(configuration)
        self.time = time
    }

    var isRunnable: Bool { !isPaused && !isDead && !executor.isIdle }
    var isWorker: Bool { live.roles.contains(.worker) }

    // MARK: Life

    func start(_ oracle: Oracle, _ link: SimulatedLink) {
        self.link = link
        let store = MemoryStore(link, time: time)
        let logger = Logger(label: name) { [self] _ in TraceLog(self) }
        root = Task(executorPreference: executor) { [self] in
            defer {
                hasEnded = true
                world.note("\(name) has ended")
            }
            guard let clock = await clock(store) else { return }
            let engine = Engine(
                live, name: name, store: store, clock: clock,
                calls: { mayFire, onResults in
                    let calls = SimulatedCalls(self, oracle, mayFire, onResults)
                    self.calls = calls
                    return calls
                }, logger: logger)
            self.engine = engine
            do {
                try await engine.run(until: stop)
            } catch {
                if !isDead { world.violate("\(name): the engine has failed: \(error)") }
            }
            self.engine = nil
        }
    }

    /// As a process does it that begins: waits for the database.
    private func clock(_ store: MemoryStore) async -> ClusterClock? {
        while !Task.isCancelled {
            if let reading = try? await store.sampleClock() { return ClusterClock(ClockEstimate(reading), time) }
            if await stop.wait(until: time.now().advanced(by: .milliseconds(200)), time) { return nil }
        }
        return nil
    }

    /// Runs a request of a client in this process, as far as it lives long enough.
    func serve(_ body: @escaping @Sendable (Engine) async -> Void) {
        guard let engine, !isDead else { return }
        Task(executorPreference: executor) { await body(engine) }
    }

    // MARK: Faults

    func disturb() {
        isDisturbed = true
        calmSince = world.now
    }

    func pause() {
        world.note("\(name) is paused")
        isPaused = true
        disturb()
        link.pause()
    }

    func resume() {
        guard isPaused else { return }
        world.note("\(name) goes on")
        isPaused = false
        disturb()
        let waiting = deferred
        deferred = []
        for action in waiting { action() }
    }

    /// `action` when the process is not paused: now or later.
    func whenRunning(_ action: @escaping () -> Void) {
        if isPaused { deferred.append(action) } else if !isDead { action() }
    }

    /// Ends it at this instant: nothing of it has any effect on the world from now on.
    func crash() {
        world.note("\(name) crashes")
        disturb()
        vanish()
        if !hasEnded { world.violate("\(name): the engine does not end when it is cancelled") }
    }

    /// Lets its tasks end, unseen, so that they do not stay in memory.
    func vanish() {
        guard !isDead else { return }
        isDead = true
        link?.crash()
        calls?.crash()
        time.end()
        root?.cancel()
        root = nil
        deferred = []
        for _ in 0..<100_000 where !executor.isIdle { executor.runOne() }
        engine = nil
        calls = nil
    }
}

/// Puts what a process logs into the trace.
private struct TraceLog: LogHandler {
    private let process: SimulatedProcess
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    init(_ process: SimulatedProcess) {
        self.process = process
        logLevel = process.world.isTracing ? .debug : .critical
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        if process.isDead { return }
        let fields = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ")
        process.world.note("\(process.name) says: \(event.message) \(fields)")
    }
}
