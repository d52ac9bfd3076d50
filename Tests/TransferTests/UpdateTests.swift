import TestSupport
import Testing

@testable import Transfer

/// Other options while the loop runs.
@Suite(.timeLimit(.minutes(2))) struct UpdateTests {
    @Test func `more may be in flight at once`() async throws {
        var options = TransferOptions()
        options.maxInFlight = 1
        let arrived = Counter()
        try await withBench(
            options: options, answering: Script { _ in arrived.add() == 2 ? .release(http()) : .hold(http()) }
        ) { bench in
            bench.loop.submit([bench.request(1, at: .now), bench.request(2, at: .now)])
            _ = try await bench.arrival()
            options.maxInFlight = 2
            bench.loop.update(options)
            // The second comes while the first waits, or neither is ever answered.
            #expect(await bench.results(2).allSatisfy { $0.status == 200 })
        }
    }

    @Test func `what is sent and kept`() async throws {
        try await withBench { bench in
            _ = try await bench.call()
            var options = TransferOptions()
            options.userAgent = "other"
            options.responseLimit = 1
            bench.loop.update(options)
            // Told at the latest when the request is taken in.
            let result = try await bench.call()
            #expect(result.body == Array("o".utf8))
            #expect(bench.server.log.requests.last?.header("User-Agent") == "other")
            #expect(bench.server.log.connections == 1)
        }
    }

    /// The connection to it is open already.
    @Test func `an address that is not allowed any more`() async throws {
        try await withBench { bench in
            #expect(try await bench.call().status == 200)
            var options = TransferOptions()
            options.addressPolicy = AddressPolicy(deny: [try #require(AddressRange("127.0.0.0/8"))])
            bench.loop.update(options)
            let refused = try await bench.call()
            #expect(refused.failure?.kind == .addressDenied)
            #expect(refused.failure?.message.contains("127.0.0.1 is in the denied range") == true, "\(refused)")
            let again = try await bench.call()
            #expect(again.failure?.kind == .addressDenied)
            #expect(bench.server.log.requests.count == 1)
            bench.loop.update(TransferOptions())
            #expect(try await bench.call().status == 200)
        }
    }
}
