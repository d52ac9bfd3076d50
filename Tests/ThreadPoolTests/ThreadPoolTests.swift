import Glibc
import Synchronization
import Testing
import ThreadPool

/// A resource whose life is counted, and its failures ordered.
private final class Probe: PooledResource {
    final class World: Sendable {
        let opened = Atomic<Int>(0)
        let closed = Atomic<Int>(0)
        let opens = Atomic<Bool>(true)
        let isUsable = Atomic<Bool>(true)
    }

    enum Failure: PoolFailure, Equatable {
        case timeout, closed, noWay, lost, harmless
        case full(Int)

        init(_ refusal: PoolRefusal) {
            switch refusal {
            case .timeout: self = .timeout
            case .full(let waiting): self = .full(waiting)
            case .closed: self = .closed
            }
        }

        var losesConnection: Bool { self == .lost }
    }

    let number: Int
    private let world: World

    init(_ world: World) throws(Failure) {
        guard world.opens.load(ordering: .relaxed) else { throw .noWay }
        self.world = world
        number = world.opened.add(1, ordering: .relaxed).newValue
    }

    deinit {
        world.closed.add(1, ordering: .relaxed)
    }

    func isUsable(afterIdle idle: Duration, isInDoubt: Bool) -> Bool { world.isUsable.load(ordering: .relaxed) }
}

/// Holds up a thread until it is opened.
private final class Gate: @unchecked Sendable {  // a semaphore is made for several threads
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func wait() { while sem_wait(semaphore) != 0 {} }
    func open() { sem_post(semaphore) }
}

@Suite struct ThreadPoolTests {
    private let world = Probe.World()

    private func pool(_ limits: PoolLimits = .init(connections: 1)) -> ThreadPool<Probe> { ThreadPool(world, limits) }

    @Test func opensWhenNeededAndKeepsWhatItOpened() async throws {
        let pool = pool(.init(connections: 4))
        #expect(world.opened.load(ordering: .relaxed) == 0)
        for _ in 1...100 { _ = try await pool.withResource { $0.number } }
        #expect((1...4).contains(world.opened.load(ordering: .relaxed)))
        pool.close()
        pool.close()
        #expect(world.opened.load(ordering: .relaxed) == world.closed.load(ordering: .relaxed))
    }

    @Test func replacesWhatIsLostUnusableOrOld() async throws {
        let pool = pool()
        #expect(try await pool.withResource { $0.number } == 1)
        await #expect(throws: Probe.Failure.harmless) {
            try await pool.withResource { _ in throw Probe.Failure.harmless }
        }
        #expect(try await pool.withResource { $0.number } == 1)
        await #expect(throws: Probe.Failure.lost) { try await pool.withResource { _ in throw Probe.Failure.lost } }
        #expect(try await pool.withResource { $0.number } == 2)
        world.isUsable.store(false, ordering: .relaxed)
        #expect(try await pool.withResource { $0.number } == 3)
        pool.close()

        let shortLived = ThreadPool<Probe>(Probe.World(), .init(connections: 1, lifetime: .nanoseconds(1)))
        #expect(try await shortLived.withResource { $0.number } == 1)
        #expect(try await shortLived.withResource { $0.number } == 2)
        shortLived.close()
    }

    @Test func saysWhyNothingCanBeOpenedAndTriesAgain() async throws {
        let pool = pool()
        world.opens.store(false, ordering: .relaxed)
        await #expect(throws: Probe.Failure.noWay) { try await pool.withResource { $0.number } }
        world.opens.store(true, ordering: .relaxed)
        #expect(try await pool.withResource { $0.number } == 1)
        pool.close()
    }

    @Test func boundsHowManyWaitAndHowLong() async throws {
        let pool = pool(.init(connections: 1, waiting: 1, waitTimeout: .seconds(1)))
        try await occupied(pool) {
            let failures = await withTaskGroup(of: Probe.Failure?.self) { tasks in
                for _ in 1...2 {
                    tasks.addTask {
                        await #expect(throws: Probe.Failure.self) { try await pool.withResource { $0.number } }
                    }
                }
                return await tasks.reduce(into: []) { $0.append($1) }
            }
            #expect(failures == [.full(1), .timeout])
        }
        #expect(try await pool.withResource { $0.number } == 1)
        pool.close()
        await #expect(throws: Probe.Failure.closed) { try await pool.withResource { $0.number } }
    }

    @Test func manyCallersAreAllServed() async throws {
        let pool = pool(.init(connections: 2, waiting: 5000))
        let sum = try await withThrowingTaskGroup(of: Int.self) { tasks in
            for number in 1...5000 { tasks.addTask { try await pool.withResource { _ in number } } }
            return try await tasks.reduce(0, +)
        }
        #expect(sum == 12_502_500)
        pool.close()
    }

    /// Runs `body` while the pool's only resource is lent.
    private func occupied(_ pool: ThreadPool<Probe>, _ body: () async throws -> Void) async throws {
        let (started, start) = AsyncStream<Void>.makeStream()
        let gate = Gate()
        async let holder: Void = pool.withResource { _ in
            start.finish()
            gate.wait()
        }
        for await _ in started {}
        try await body()
        gate.open()
        try await holder
    }
}
