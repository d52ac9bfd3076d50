import MySQL
import Synchronization
import Testing

@testable import Scheduler

@Suite struct ReplicaWatchTests {
    private final class Replica: Sendable {
        let answer = Mutex<Result<Timestamp?, MySQLError>>(.success(nil))
        let questions = Mutex(0)
        let time = HandTime()

        func watch() -> ReplicaWatch {
            ReplicaWatch(time: time) {
                self.questions.withLock { $0 += 1 }
                return try self.answer.withLock { $0 }.get()
            }
        }
    }

    private static let heartbeat = Timestamp(rfc3339: "2026-11-20T12:00:00Z")!

    @Test func itIsAskedOnceInASecond() async {
        let replica = Replica()
        replica.answer.withLock { $0 = .success(Self.heartbeat) }
        let watch = replica.watch()
        for _ in 1...3 { #expect(await watch.state() == .seen(upTo: Self.heartbeat)) }
        #expect(replica.questions.withLock { $0 } == 1)
        replica.time.advance(.milliseconds(1001))
        replica.answer.withLock { $0 = .success(Self.heartbeat + .seconds(3)) }
        #expect(await watch.state() == .seen(upTo: Self.heartbeat + .seconds(3)))
    }

    @Test func whileItIsAwayItIsAskedEveryFiveSeconds() async {
        let replica = Replica()
        replica.answer.withLock { $0 = .failure(MySQLError(.cannotConnectHost, "nobody there")) }
        let watch = replica.watch()
        for _ in 1...3 {
            #expect(await watch.state() == .away("nobody there"))
            replica.time.advance(.milliseconds(1600))
        }
        #expect(replica.questions.withLock { $0 } == 1)
        replica.answer.withLock { $0 = .success(Self.heartbeat) }
        replica.time.advance(.milliseconds(300))
        #expect(await watch.state() == .seen(upTo: Self.heartbeat))
        #expect(replica.questions.withLock { $0 } == 2)
    }

    @Test func whatAReaderMetHoldsForAll() async {
        let replica = Replica()
        replica.answer.withLock { $0 = .success(Self.heartbeat) }
        let watch = replica.watch()
        watch.isAway("the connection ended")
        #expect(await watch.state() == .away("the connection ended"))
        #expect(replica.questions.withLock { $0 } == 0)
        replica.time.advance(.seconds(5))
        #expect(await watch.state() == .seen(upTo: Self.heartbeat))
    }

    @Test func whatHasNoHeartbeatIsNoReplica() async {
        guard case .away(let reason) = await Replica().watch().state() else {
            Issue.record("it is taken for one")
            return
        }
        #expect(reason.contains("no heartbeat"))
    }
}

/// Time that passes when the test says so.
private final class HandTime: Timekeeper {
    private let instant = Mutex(ContinuousClock.now)

    func advance(_ duration: Duration) { instant.withLock { $0 = $0.advanced(by: duration) } }

    func now() -> ContinuousClock.Instant { instant.withLock { $0 } }

    /// Until nobody waits for it any more.
    func sleep(until _: ContinuousClock.Instant) async throws { try await Task.sleep(for: .seconds(3600)) }

    func jitter(_ range: ClosedRange<Int>) -> Int { range.lowerBound }

    func randomBits() -> UInt64 { 0 }
}
