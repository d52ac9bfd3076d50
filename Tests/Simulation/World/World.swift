import MySQL

/// Virtual time, the one database and the processes of a run. Everything in it happens on one thread, in an order that
/// the seed decides.
///
/// `@unchecked`: one thread runs a world; the closures that the engine keeps come back on it (see `VirtualExecutor`).
package final class World: @unchecked Sendable {
    /// True time, in nanoseconds; nobody in the world sees it.
    private(set) var now: Int64 = 0
    var random: SeededRandom
    var tables = MemoryTables()
    var processes: [SimulatedProcess] = []
    /// By how much the database's clock has been set.
    private(set) var databaseOffset: Int64 = 0
    private(set) var violation: String?
    private var events = EventQueue()
    private(set) var trace: [String] = []
    let isTracing: Bool
    private(set) var jobs = 0

    static let epoch = Timestamp(microseconds: 1_700_000_000_000_000)

    init(random: SeededRandom, isTracing: Bool) {
        self.random = random
        self.isTracing = isTracing
    }

    /// The database's clock.
    var databaseNow: Timestamp {
        Timestamp(microseconds: Self.epoch.microseconds + (now + databaseOffset) / 1000)
    }

    func setDatabaseClock(by nanoseconds: Int64) {
        databaseOffset += nanoseconds
    }

    func after(_ delay: Int64, _ action: @escaping () -> Void) {
        events.add(at: now + max(0, delay), action)
    }

    func at(_ time: Int64, _ action: @escaping () -> Void) {
        events.add(at: max(now, time), action)
    }

    // MARK: What is seen

    func note(_ text: @autoclosure () -> String) {
        guard isTracing else { return }
        let microseconds = now / 1000
        let fraction = String(1_000_000 + microseconds % 1_000_000).dropFirst()
        trace.append("\(microseconds / 1_000_000).\(fraction)  \(text())")
    }

    /// The first violation of an invariant ends the run.
    func violate(_ text: @autoclosure () -> String) {
        guard violation == nil else { return }
        violation = text()
        note("VIOLATION \(violation!)")
    }

    // MARK: Steps

    /// Runs until `condition` holds, which is asked when nothing is left to do at an instant; until `end`; or until an
    /// invariant is violated.
    func run(until end: Int64, _ condition: () -> Bool = { false }) {
        while violation == nil {
            if runJob() { continue }
            if condition() { return }
            guard let next = events.nextTime, next <= end else {
                now = max(now, end)
                return
            }
            let event = events.removeFirst()
            now = event.time
            event.action()
        }
    }

    /// - Returns: false when no process that is not paused has anything to do.
    private func runJob() -> Bool {
        let runnable = processes.filter(\.isRunnable)
        guard !runnable.isEmpty else { return false }
        let process = runnable.count == 1 ? runnable[0] : random.pick(runnable)
        let count = process.executor.count
        process.executor.runOne(ahead: count > 1 && random.chance(0.2) ? random.integer(0...count - 1) : 0)
        jobs += 1
        if jobs > 5_000_000 { violate("the processes never come to rest") }
        return true
    }

    /// Ends all that is left, so that nothing of the run stays in memory.
    func close() {
        for process in processes { process.vanish() }
        events.removeAll()
        processes = []
    }
}
