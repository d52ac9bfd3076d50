import TestSupport
import Testing

@testable import Transfer

/// Requests with an address policy of their own.
@Suite struct OwnPolicyTests {
    private static func denying(_ ranges: String...) -> AddressPolicy {
        AddressPolicy(deny: ranges.map { AddressRange($0)! })
    }

    /// The status, or the kind of failure.
    private static func call(
        _ bench: TestBench, _ url: String, _ policy: AddressPolicy?, redirects: Int = 0
    ) async -> String {
        var request = TransferRequest(
            token: 1, fireAt: .now, method: "GET", url: url, timeout: .seconds(30), maxRedirects: redirects)
        request.addressPolicy = policy
        bench.loop.submit([request])
        let result = await bench.results(1).first
        return result?.failure?.kind.rawValue ?? "\(result?.status ?? 0)"
    }

    @Test func itHoldsInPlaceOfTheLoopsAndForThatRequestAlone() async throws {
        var options = TransferOptions()
        options.addressPolicy = Self.denying("127.0.0.0/8")
        try await withBench(options: options) { bench async throws in
            #expect(await Self.call(bench, bench.server.url(), nil) == "address_denied")
            #expect(await Self.call(bench, bench.server.url(), AddressPolicy()) == "200")
            // The connection is open, and not for this one.
            #expect(await Self.call(bench, bench.server.url(), nil) == "address_denied")
            #expect(await Self.call(bench, bench.server.url(), AddressPolicy()) == "200")
            #expect(bench.server.log.requests.count == 2)
        }
    }

    @Test func aStricterOneIsNotGotAroundByAnOpenConnection() async throws {
        try await withBench { bench async throws in
            #expect(await Self.call(bench, bench.server.url(), nil) == "200")
            let strict = Self.denying("127.0.0.1/32")
            #expect(await Self.call(bench, bench.server.url(), strict) == "address_denied")
            #expect(await Self.call(bench, bench.server.url(), nil) == "200")
            #expect(bench.server.log.requests.count == 2)
        }
    }

    @Test func aRedirectElsewhereMustBeAllowedByBoth() async throws {
        let other = TestServer(host: "127.0.0.2") { _ in .answer(http()) }
        defer { other.stop() }
        let target = other.url()
        let script = Script { request in
            switch request.path {
            case "/elsewhere": .answer(http(302, ["Location: \(target)"]))
            case "/here": .answer(http(302, ["Location: /there"]))
            default: .answer(http())
            }
        }
        var options = TransferOptions()
        options.addressPolicy = Self.denying("127.0.0.2/32")
        try await withBench(options: options, answering: script) { bench async throws in
            let url = bench.server.url("/elsewhere")
            #expect(await Self.call(bench, url, AddressPolicy(), redirects: 1) != "200")
            #expect(other.log.requests.isEmpty)
            // Not by its own either.
            bench.loop.update(TransferOptions())
            #expect(await Self.call(bench, url, Self.denying("127.0.0.2/32"), redirects: 1) != "200")
            #expect(other.log.requests.isEmpty)
            #expect(await Self.call(bench, url, AddressPolicy(), redirects: 1) == "200")
            #expect(other.log.requests.count == 1)
        }
        options.addressPolicy = Self.denying("127.0.0.0/8")
        try await withBench(options: options, answering: script) { bench async throws in
            #expect(await Self.call(bench, bench.server.url("/here"), AddressPolicy(), redirects: 1) == "200")
        }
    }
}
