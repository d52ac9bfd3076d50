import Synchronization
import TestSupport
import Testing

@testable import Transfer

/// A loop and a server for the length of a closure, with the loop's results as a stream.
final class TestBench: Sendable {
    let server: TestServer
    let loop: TransferLoop
    private let stream: AsyncStream<[TransferResult]>

    init(server: TestServer, options: TransferOptions, mayFire: @escaping @Sendable (ContinuousClock.Instant) -> Bool) {
        self.server = server
        let (stream, continuation) = AsyncStream<[TransferResult]>.makeStream()
        self.stream = stream
        loop = TransferLoop(options: options, mayFire: mayFire, onResults: { continuation.yield($0) })
    }

    /// The next `count` results in the order they came.
    func results(_ count: Int) async -> [TransferResult] {
        var results: [TransferResult] = []
        for await batch in stream {
            results += batch
            if results.count >= count { break }
        }
        return results
    }

    /// Submits one request and waits for its result.
    func call(
        _ method: String = "GET", _ url: String? = nil, headers: [TransferHeader] = [], body: [UInt8]? = nil,
        timeout: Duration = .seconds(30), maxRedirects: Int = 0
    ) async throws -> TransferResult {
        loop.submit([
            TransferRequest(
                token: 7, fireAt: .now, method: method, url: url ?? server.url(), headers: headers, body: body,
                timeout: timeout, maxRedirects: maxRedirects)
        ])
        let result = try #require(await results(1).first)
        #expect(result.token == 7)
        #expect(result.finishedAt >= result.firedAt)
        return result
    }

    func request(_ token: UInt64, at instant: ContinuousClock.Instant, _ path: String = "/") -> TransferRequest {
        TransferRequest(token: token, fireAt: instant, method: "GET", url: server.url(path), timeout: .seconds(30))
    }

    /// The first request to reach the server.
    func arrival() async throws -> TestServer.Request {
        var iterator = server.arrivals.makeAsyncIterator()
        return try #require(await iterator.next())
    }
}

/// What the server says to each request.
struct Script: Sendable {
    let reply: @Sendable (TestServer.Request) -> TestServer.Reply
}

func withBench(
    options: TransferOptions = TransferOptions(),
    mayFire: @escaping @Sendable (ContinuousClock.Instant) -> Bool = { _ in true },
    answering script: Script = Script { _ in .answer(http()) },
    _ body: (TestBench) async throws -> Void
) async throws {
    let server = TestServer(script.reply)
    defer { server.stop() }
    let bench = TestBench(server: server, options: options, mayFire: mayFire)
    defer { bench.loop.close() }
    try await body(bench)
}
