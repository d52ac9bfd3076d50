import MySQL

/// The connections of one process to the database, on which anything may happen.
///
/// `@unchecked`: see `World`.
final class SimulatedLink: DatabaseLink, @unchecked Sendable {
    private unowned let process: SimulatedProcess
    private let oracle: Oracle
    private let faults: LinkFaults
    private var random: SeededRandom
    private var pending: [Int: any PendingOperation] = [:]
    private var last = 0
    private var world: World { process.world }
    /// Whether something has happened to a transaction that is under way.
    var isInTrouble: Bool { pending.values.contains { $0.isDisturbed } }

    init(_ process: SimulatedProcess, _ oracle: Oracle, _ faults: LinkFaults, _ random: SeededRandom) {
        self.process = process
        self.oracle = oracle
        self.faults = faults
        self.random = random
    }

    func transaction<T: Sendable>(
        _ name: StaticString, afterUnknown: (@Sendable (MemoryTables, T) throws -> T)?,
        _ body: @escaping @Sendable (inout MemoryTables, Timestamp) throws -> T
    ) async throws -> T {
        last += 1
        let operation = Operation(number: last, name: name, afterUnknown: afterUnknown, body: body)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                operation.continuation = continuation
                begin(operation)
            }
        } onCancel: {
            operation.isCancelled = true
        }
    }

    private func begin<T>(_ operation: Operation<T>) {
        guard !process.isDead else { return operation.finish(.failure(CancellationError())) }
        pending[operation.number] = operation
        let fate = faults.fate(at: world.now, &random)
        if fate.ending != .answered || fate.request > 100_000_000 { disturb(operation) }
        operation.fate = fate
        if world.tables.breakage == .acknowledgedBeforeCommit, operation.name.description == "insert" {
            world.after(fate.request + random.time(0...300)) { [self] in apply(operation) }
            world.after(fate.reply) { [self] in finish(operation, .success(() as! T)) }
            return
        }
        world.after(fate.request) { [self] in apply(operation) }
    }

    private func apply<T>(_ operation: Operation<T>) {
        if operation.isDropped { return }
        if operation.waitsForProcess, process.isPaused {
            return process.whenRunning { [self] in apply(operation) }
        }
        if let end = faults.silence(at: world.now) {
            // Sent, and nothing comes back: it happens when the way is open again, or the wait has run out before.
            disturb(operation)
            if operation.waits > 2 || random.chance(0.3) {
                return fail(operation, MySQLError(.serverLost, "no answer"), after: random.time(0...2000))
            }
            operation.waits += 1
            return world.at(end + random.time(0...50)) { [self] in apply(operation) }
        }
        if faults.isAway(at: world.now) {
            disturb(operation)
            return fail(operation, MySQLError(.cannotConnectHost, "the database is away"), after: operation.fate.reply)
        }
        switch operation.fate.ending {
        case .deadlock: return fail(operation, MySQLError(.deadlock, "deadlock"), after: operation.fate.reply)
        case .lostBefore:
            let wait = operation.afterUnknown == nil ? operation.fate.reply : operation.fate.inquiry
            return fail(operation, MySQLError(.serverLost, "lost before COMMIT"), after: wait)
        case .late where operation.canBeLate && !operation.isLate:
            operation.isLate = true
            world.after(operation.fate.inquiry) { [self] in apply(operation) }
            return world.after(operation.fate.reply) { [self] in
                finish(operation, .failure(MySQLError(.serverLost, "lost during COMMIT", isCommitUnknown: true)))
            }
        case .answered, .lostAfter, .late: break
        }
        operation.isApplied = true
        if operation.name.description == "claim", random.chance(faults.skips) {
            world.tables.locked = Set(world.tables.tasks.keys.sorted().filter { _ in random.chance(0.3) })
        }
        let result = Result { try operation.body(&world.tables, world.databaseNow) }
        world.tables.locked = []
        if operation.name.description != "peek", operation.name.description != "clock" {
            world.note("\(process.name) \(operation.name)#\(operation.number): \(result)")
        }
        oracle.check(process)
        switch result {
        case .failure(let error): fail(operation, error, after: operation.fate.reply)
        case .success(let value):
            if let incarnation = value as? UInt64, operation.name.description == "register" {
                process.incarnations.append(incarnation)
                // It has not looked at the queues yet.
                process.calmSince = world.now
            }
            world.after(operation.fate.reply) { [self] in reply(operation, value) }
        }
    }

    private func reply<T>(_ operation: Operation<T>, _ value: T) {
        if operation.fate.ending == .answered, !faults.isAway(at: world.now), faults.silence(at: world.now) == nil {
            return finish(operation, .success(value))
        }
        disturb(operation)
        world.note("\(process.name) \(operation.name)#\(operation.number) is not answered")
        guard operation.afterUnknown != nil else {
            return finish(
                operation, .failure(MySQLError(.serverLost, "lost after COMMIT", isCommitUnknown: true)))
        }
        world.after(operation.fate.inquiry) { [self] in inquire(operation, value) }
    }

    /// Finds out what a COMMIT did that was not answered, however long the database is away.
    private func inquire<T>(_ operation: Operation<T>, _ value: T) {
        if faults.isAway(at: world.now) || faults.silence(at: world.now) != nil {
            if operation.isCancelled { return finish(operation, .failure(CancellationError())) }
            return world.after(random.time(50...2000)) { [self] in inquire(operation, value) }
        }
        let result = Result { try operation.afterUnknown!(world.tables, value) }
        world.after(operation.fate.reply) { [self] in finish(operation, result) }
    }

    private func fail<T>(_ operation: Operation<T>, _ error: any Error, after delay: Int64) {
        world.note("\(process.name) \(operation.name)#\(operation.number) fails: \(error)")
        operation.isDropped = true
        world.after(delay) { [self] in finish(operation, .failure(error)) }
    }

    private func finish<T>(_ operation: Operation<T>, _ result: Result<T, any Error>) {
        pending[operation.number] = nil
        if operation.isDisturbed { process.disturb() }
        operation.finish(result)
    }

    private func disturb<T>(_ operation: Operation<T>) {
        operation.isDisturbed = true
        process.disturb()
    }

    // MARK: Faults of the process

    /// A transaction under way either has its COMMIT sent already, or goes on when the process does.
    func pause() {
        for number in pending.keys.sorted() where !pending[number]!.isApplied {
            pending[number]!.waitsForProcess = random.chance(0.5)
        }
    }

    /// What was sent may still take effect.
    func crash() {
        for number in pending.keys.sorted() {
            guard let operation = pending.removeValue(forKey: number) else { continue }
            operation.isDropped = operation.isDropped || operation.waitsForProcess || random.chance(0.5)
            operation.abandon()
        }
    }
}

private protocol PendingOperation: AnyObject {
    var isApplied: Bool { get }
    var isDisturbed: Bool { get }
    var isDropped: Bool { get set }
    var waitsForProcess: Bool { get set }
    func abandon()
}

/// `@unchecked`: see `World`.
private final class Operation<T: Sendable>: PendingOperation, @unchecked Sendable {
    let number: Int
    let name: StaticString
    let afterUnknown: (@Sendable (MemoryTables, T) throws -> T)?
    let body: @Sendable (inout MemoryTables, Timestamp) throws -> T
    var continuation: CheckedContinuation<T, any Error>?
    var fate = LinkFaults.Fate()
    var isApplied = false
    var isDisturbed = false
    /// It never takes effect.
    var isDropped = false
    var waitsForProcess = false
    var isCancelled = false
    /// Its connection is gone and it takes effect all the same.
    var isLate = false
    var waits = 0

    init(
        number: Int, name: StaticString, afterUnknown: (@Sendable (MemoryTables, T) throws -> T)?,
        body: @escaping @Sendable (inout MemoryTables, Timestamp) throws -> T
    ) {
        self.number = number
        self.name = name
        self.afterUnknown = afterUnknown
        self.body = body
    }

    /// What is one packet, COMMIT and all, or asks for nothing while it waits. The others are waited for by their locks.
    var canBeLate: Bool { name.description == "insert" || name.description == "steer" }

    func finish(_ result: Result<T, any Error>) {
        continuation?.resume(with: result)
        continuation = nil
    }

    func abandon() {
        finish(.failure(CancellationError()))
    }
}
