package import Accounts
package import Logging
import MySQL
import Scheduler
import Synchronization

/// The API's keys in memory: all of them, which are never many.
///
/// What is done to a key anywhere is known here within `maxAge`, while the database answers. One that is not known yet
/// waits until they are read again, which is not more often than `minAge` allows, whatever is sent. While the database
/// is away the keys that were known go on: tasks are accepted then, too.
package final class KeyRing: Sendable {
    package static let maxAge: Duration = .seconds(5)
    static let minAge: Duration = .milliseconds(250)
    /// How long a request waits for keys to be read, and how long after a failure none does.
    private static let patience: Duration = .seconds(1)
    private static let useInterval: Duration = .seconds(60)

    private let shelf: KeyShelf
    private let time: any Timekeeper
    private let logger: Logger
    private let reading: SharedAnswer<Void>
    private let lastUses = Mutex<[Int: ContinuousClock.Instant]>([:])
    private let allowances = Mutex<[Int: Allowance]>([:])

    private let writeUse: @Sendable (Int) async throws -> Void

    package convenience init(_ store: APIKeyStore, logger: Logger) {
        self.init(logger: logger, read: { try await store.table() }, writeUse: { try await store.noteUse(of: $0) })
    }

    /// - Parameters:
    ///   - read: all keys there are.
    ///   - writeUse: told the number of a key that was used.
    init(
        time: any Timekeeper = SystemTime(), logger: Logger, read: @escaping @Sendable () async throws -> APIKeyTable,
        writeUse: @escaping @Sendable (Int) async throws -> Void
    ) {
        let shelf = KeyShelf(source: read, time: time, logger: logger)
        self.writeUse = writeUse
        self.shelf = shelf
        self.time = time
        self.logger = logger
        reading = SharedAnswer(time: time) { try await shelf.read() }
    }

    /// The key that somebody sent, if it is good now.
    /// - Throws: `SchedulerError.unavailable` while no keys could be read yet; and for one that is not among those that
    ///   were read while they cannot be read again, because it may be new.
    func key(_ secret: APIKeySecret) async throws -> APIKey? {
        let arrived = time.now()
        var reading = try await current(Self.maxAge)
        var found = reading.table.key(secret)
        // It may be newer than what was read. A reading that is under way may have been begun before it came; then the
        // next one counts.
        for _ in 0..<2 where found == nil && reading.begunAt < arrived {
            let next = reading.begunAt.advanced(by: Self.minAge)
            if next > time.now() { try await time.sleep(until: next) }
            reading = try await current(arrived.duration(to: time.now()))
            found = reading.table.key(secret)
        }
        if found == nil, reading.begunAt < arrived {
            throw SchedulerError.unavailable(
                "the API keys cannot be read from the database now, and this one was not there when they were",
                retryAfter: .seconds(1))
        }
        guard let key = found, key.isGood(at: reading.table.readAt + reading.begunAt.duration(to: time.now())) else {
            return nil
        }
        await noteUse(of: key)
        return key
    }

    /// How long to wait until the key's limit allows another request; nil: not at all, and this one is counted.
    func delay(_ key: APIKey) -> Duration? {
        guard let rate = key.requestsPerSecond else { return nil }
        let now = time.now()
        return allowances.withLock { $0[key.id, default: Allowance()].take(now, perSecond: rate) }
    }

    /// Whether there are any keys.
    package var hasKeys: Bool { get async throws { try await !current(Self.maxAge).table.isEmpty } }

    /// After a key was changed here.
    func expire() {
        shelf.expire()
    }

    private func current(_ age: Duration) async throws -> KeyShelf.Reading {
        if let reading = shelf.reading(noOlderThan: age) { return reading }
        // While the database is away each request would wait.
        if !shelf.hasFailed(within: Self.patience) { _ = await reading.current(maxAge: age, within: Self.patience) }
        guard let reading = shelf.reading else {
            throw SchedulerError.unavailable(
                "the API keys could not be read from the database yet", retryAfter: .seconds(1))
        }
        return reading
    }

    private func noteUse(of key: APIKey) async {
        let now = time.now()
        let isDue = lastUses.withLock { lastUses in
            if let last = lastUses[key.id], last.duration(to: now) < Self.useInterval { return false }
            lastUses[key.id] = now
            return true
        }
        guard isDue, !shelf.hasFailed(within: Self.useInterval) else { return }
        do {
            try await writeUse(key.id)
        } catch {
            // It says when a key was used last, which is of no use to this request.
            logger.debug("the use of an API key could not be noted: \(error)", metadata: ["key": "\(key.name)"])
        }
    }
}

/// What was read last, and when.
private final class KeyShelf: Sendable {
    struct Reading {
        let table: APIKeyTable
        let begunAt: ContinuousClock.Instant
    }

    private struct State {
        var reading: Reading?
        var isExpired = false
        var failedAt: ContinuousClock.Instant?
    }

    private let source: @Sendable () async throws -> APIKeyTable
    private let time: any Timekeeper
    private let logger: Logger
    private let state = Mutex(State())

    init(source: @escaping @Sendable () async throws -> APIKeyTable, time: any Timekeeper, logger: Logger) {
        self.source = source
        self.time = time
        self.logger = logger
    }

    var reading: Reading? { state.withLock { $0.reading } }

    func reading(noOlderThan age: Duration) -> Reading? {
        let now = time.now()
        return state.withLock { state in
            guard let reading = state.reading, !state.isExpired, reading.begunAt.duration(to: now) <= age else {
                return nil
            }
            return reading
        }
    }

    func hasFailed(within time: Duration) -> Bool {
        let now = self.time.now()
        return state.withLock { $0.failedAt.map { $0.duration(to: now) <= time } ?? false }
    }

    func expire() {
        state.withLock { $0.isExpired = true }
    }

    func read() async throws {
        let begunAt = time.now()
        state.withLock { $0.isExpired = false }
        do {
            let table = try await source()
            state.withLock { state in
                state.reading = Reading(table: table, begunAt: begunAt)
                state.failedAt = nil
            }
        } catch {
            let now = time.now()
            let isNew = state.withLock { state in
                defer { (state.failedAt, state.isExpired) = (now, true) }
                return state.failedAt == nil
            }
            if isNew { logger.warning("the API keys cannot be read: \(error)") }
            throw error
        }
    }
}
