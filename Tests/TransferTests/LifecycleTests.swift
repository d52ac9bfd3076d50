import Synchronization
import TestSupport
import Testing

@testable import Transfer

@Suite(.timeLimit(.minutes(2))) struct LifecycleTests {
    @Test func `fires in due order, equal times as submitted, never early`() async throws {
        var options = TransferOptions()
        options.maxInFlight = 1
        try await withBench(options: options) { bench in
            let start = ContinuousClock.now + .milliseconds(20)
            let offsets = [9, 3, 7, 3, 0, 12, 1, 3].map { Duration.milliseconds($0) }
            let requests = offsets.enumerated().map { bench.request(UInt64($0), at: start + $1, "/\($0)") }
            bench.loop.submit(Array(requests[..<4]))
            bench.loop.submit(Array(requests[4...]))
            let results = await bench.results(requests.count)
            let order = offsets.indices.sorted { (offsets[$0], $0) < (offsets[$1], $1) }
            #expect(results.map { Int($0.token) } == order)
            #expect(bench.server.log.requests.map(\.path) == order.map { "/\($0)" })
            for (index, arrival) in zip(order, bench.server.log.requests) {
                #expect(arrival.arrivedAt >= requests[index].fireAt)
            }
            for result in results { #expect(result.firedAt >= requests[Int(result.token)].fireAt) }
        }
    }

    /// Once, and when the call begins, however long it had to wait for that; a redirect is the same call.
    @Test func `headers at firing`() async throws {
        var options = TransferOptions()
        options.maxInFlight = 1
        try await withBench(
            options: options,
            answering: Script { .answer($0.path == "/" ? http(307, ["Location: /next"]) : http()) }
        ) { bench in
            let calls = Mutex<[ContinuousClock.Instant]>([])
            let requests = (0..<3 as Range<UInt64>).map { token in
                var request = bench.request(token, at: .now)
                request.maxRedirects = 1
                request.headers = [TransferHeader("X-Own", "1")]
                request.headersAtFiring = { now in
                    calls.withLock { $0.append(now) }
                    return [TransferHeader("X-Call", "\(calls.withLock { $0.count })")]
                }
                return request
            }
            bench.loop.submit(requests)
            let results = await bench.results(3)
            #expect(results.allSatisfy { $0.status == 200 })
            #expect(calls.withLock { $0 } == results.map(\.firedAt))
            #expect(bench.server.log.requests.map { $0.header("X-Call") } == ["1", "1", "2", "2", "3", "3"])
            #expect(bench.server.log.requests.allSatisfy { $0.header("X-Own") == "1" })
        }
    }

    /// When its turn comes it is too late, and it takes nobody's place.
    @Test func `not at or after its time`() async throws {
        var options = TransferOptions()
        options.maxInFlight = 1
        try await withBench(options: options) { bench in
            let now = ContinuousClock.now
            var (late, open) = (bench.request(1, at: now), bench.request(2, at: now))
            late.fireBefore = now
            open.fireBefore = now + .seconds(3600)
            bench.loop.submit([late, open, bench.request(3, at: now)])
            let results = await bench.results(3).sorted { $0.token < $1.token }
            #expect(results.map(\.failure?.kind) == [.expired, nil, nil])
            #expect(results.map(\.status) == [0, 200, 200])
            #expect(bench.server.log.requests.count == 2)
        }
    }

    @Test func `a thousand at once`() async throws {
        let count = 1000
        let arrived = Counter()
        var options = TransferOptions()
        options.maxInFlight = count
        try await withBench(
            options: options,
            answering: Script { _ in
                // Nobody is answered before all have come.
                arrived.next() < count ? .hold(http()) : .release(http())
            }
        ) { bench in
            bench.loop.submit((0..<UInt64(count)).map { bench.request($0, at: .now) })
            let results = await bench.results(count)
            #expect(Set(results.map(\.token)).count == count)
            #expect(results.allSatisfy { $0.status == 200 && $0.failure == nil })
            #expect(bench.server.log.connections == count)
        }
    }

    @Test func `no more in flight than allowed`() async throws {
        var options = TransferOptions()
        options.maxInFlight = 3
        let arrived = Counter()
        try await withBench(
            options: options, answering: Script { _ in arrived.next() % 3 == 0 ? .release(http()) : .hold(http()) }
        ) { bench in
            bench.loop.submit((0..<9).map { bench.request($0, at: .now) })
            #expect(await bench.results(9).count == 9)
            #expect(bench.server.log.connections == 3)
        }
    }

    @Test func `what is withdrawn is never fired`() async throws {
        try await withBench { bench in
            let now = ContinuousClock.now
            bench.loop.submit([bench.request(1, at: now + .seconds(3600)), bench.request(2, at: now + .seconds(60))])
            #expect(bench.loop.waiting == 2)
            #expect(bench.loop.withdraw() == [2, 1])
            #expect(bench.loop.waiting == 0 && bench.loop.withdraw() == [])
            bench.loop.submit([bench.request(3, at: now, "/3")])
            #expect(await bench.results(1).map(\.token) == [3])
            #expect(bench.server.log.requests.map(\.path) == ["/3"])
        }
    }

    @Test func `each request is either withdrawn or answered`() async throws {
        try await withBench { bench in
            let count = 400
            let start = ContinuousClock.now
            bench.loop.submit(
                (0..<UInt64(count)).map { bench.request($0, at: start + .microseconds(100 * Int($0)), "/\($0)") })
            _ = try await bench.arrival()
            let withdrawn = bench.loop.withdraw()
            let results = await bench.results(count - withdrawn.count)
            #expect((withdrawn + results.map(\.token)).sorted() == (0..<UInt64(count)).map { $0 })
            let fired = Set(bench.server.log.requests.map(\.path))
            #expect(fired.isDisjoint(with: withdrawn.map { "/\($0)" }))
        }
    }

    private func before(_ limit: ContinuousClock.Instant) -> @Sendable (ContinuousClock.Instant) -> Bool {
        { $0 < limit }
    }

    @Test func `fenced requests are not sent`() async throws {
        try await withBench(mayFire: before(.now)) { bench in
            let result = try await bench.call()
            #expect(result.failure?.kind == .fenced && result.status == 0)
            #expect(bench.server.log.connections == 0)
        }
    }

    @Test func `mayFire sees the time of firing`() async throws {
        let limit = ContinuousClock.now + .milliseconds(30)
        try await withBench(mayFire: before(limit)) { bench in
            bench.loop.submit([bench.request(1, at: limit), bench.request(2, at: limit - .seconds(1))])
            let results = await bench.results(2)
            #expect(results.first { $0.token == 1 }?.failure?.kind == .fenced)
        }
    }

    @Test func `close breaks off what runs and answers what waits`() async throws {
        try await withBench(answering: Script { _ in .hang }) { bench in
            bench.loop.submit([bench.request(1, at: .now), bench.request(2, at: .now + .seconds(3600))])
            _ = try await bench.arrival()
            #expect(bench.loop.inFlight == 1 && bench.loop.waiting == 1)
            bench.loop.close()
            #expect(bench.loop.inFlight == 0 && bench.loop.waiting == 0)
            let kinds = await bench.results(2).reduce(into: [:]) { $0[$1.token] = $1.failure?.kind }
            #expect(kinds == [1: .aborted, 2: .shutdown])
            bench.loop.close()
            bench.loop.submit([bench.request(3, at: .now)])
            #expect(await bench.results(1).map(\.failure?.kind) == [.shutdown])
            #expect(bench.server.log.requests.count == 1)
        }
    }

    @Test func `a callback may submit and close`() async throws {
        let server = TestServer { _ in .answer(http()) }
        defer { server.stop() }
        let (ended, continuation) = AsyncStream<TransferResult>.makeStream()
        let holder = Holder()
        let request = TransferRequest(
            token: 1, fireAt: .now, method: "GET", url: server.url(), timeout: .seconds(30))
        holder.loop.withLock { held in
            held = TransferLoop(
                options: TransferOptions(), mayFire: { _ in true },
                onResults: { results in
                    for result in results {
                        var next = request
                        next.token = result.token + 1
                        let loop = holder.loop.withLock { $0 }
                        if result.token == 1 { loop?.submit([next]) } else { loop?.close() }
                        continuation.yield(result)
                    }
                })
            held?.submit([request])
        }
        var iterator = ended.makeAsyncIterator()
        #expect(await iterator.next()?.status == 200)
        #expect(await iterator.next()?.token == 2)
        holder.loop.withLock { $0 }?.close()
        holder.loop.withLock { $0 = nil }
    }

    /// Every caller waits for its answer before it submits again, so a single lost wakeup stops the test.
    @Test func `submitting from many tasks loses no wakeup`() async throws {
        let server = TestServer { _ in .answer(http()) }
        defer { server.stop() }
        let router = Router()
        let loop = TransferLoop(options: TransferOptions(), mayFire: { _ in true }, onResults: { router.route($0) })
        defer { loop.close() }
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 as Range<UInt64> {
                group.addTask {
                    for round in 0..<200 as Range<UInt64> {
                        // Alternately due at once and a little later, so that both ways of waking are used.
                        let request = TransferRequest(
                            token: task << 32 | round, fireAt: .now + .microseconds(300 * (round & 1)), method: "GET",
                            url: server.url(), timeout: .seconds(30))
                        let result = await withCheckedContinuation { continuation in
                            router.expect(request.token, continuation)
                            loop.submit([request])
                        }
                        #expect(result.status == 200 && result.firedAt >= request.fireAt)
                    }
                }
            }
        }
        #expect(server.log.requests.count == 1600)
    }

    private final class Router: Sendable {
        private let waiting = Mutex<[UInt64: CheckedContinuation<TransferResult, Never>]>([:])

        func expect(_ token: UInt64, _ continuation: CheckedContinuation<TransferResult, Never>) {
            waiting.withLock { $0[token] = continuation }
        }

        func route(_ results: [TransferResult]) {
            for result in results {
                waiting.withLock { $0.removeValue(forKey: result.token) }?.resume(returning: result)
            }
        }
    }

    private final class Holder: Sendable {
        let loop = Mutex<TransferLoop?>(nil)
    }

    private final class Counter: Sendable {
        private let count = Atomic<Int>(0)

        /// 1, 2, 3, …
        func next() -> Int { count.add(1, ordering: .relaxed).newValue }
    }
}
