import MySQL
import Testing

@testable import Scheduler

@Suite struct DestinationDirectoryTests {
    private static let directory: DestinationDirectory = {
        var rules = DestinationDirectory.Rules()
        rules.configured = ["https://a.example", "http://b.example/hooks", "http://b.example/hooks/v2/"].map {
            Configuration.Destination(url: $0, secrets: [WebhookSignerTests.secret])
        }
        return DestinationDirectory { [rules] in rules }
    }()

    @Test(arguments: [
        ("https://a.example/x", "https://a.example"), ("https://A.example:443?x", "https://a.example"),
        ("http://a.example/", "http://a.example"), ("http://user:word@c.example:8080/x", "http://c.example:8080"),
        ("http://b.example/", "http://b.example"), ("http://b.example/hooks", "http://b.example/hooks"),
        ("http://b.example/hooks/v2/x", "http://b.example/hooks/v2/"), ("http://b.example/hooky", "http://b.example"),
        ("http://[::1]:80/x", "http://[::1]"), ("not a url", ""), ("", ""),
    ])
    func urlsBelong(_ url: String, _ name: String) {
        // Twice: the second time it may be remembered.
        for _ in 0..<2 { #expect(Self.directory.entry(of: url).name == name) }
    }

    @Test func whatIsSignedIsKnown() {
        #expect(Self.directory.entry(of: "https://a.example/x").signer != nil)
        #expect(Self.directory.entry(of: "http://b.example/hooks/x").signer != nil)
        #expect(Self.directory.entry(of: "http://b.example/x").signer == nil)
    }

    /// Of three instances.
    @Test(
        arguments: [
            (0, nil, 5.0, nil, false), (2, nil, 5.0, nil, false), (2, nil, 5.0, 2, true), (1, nil, 5.0, 2, false),
            (2, 2, nil, nil, true), (1, 2, nil, nil, false), (2, nil, nil, nil, false),
        ] as [(Int, Int?, Double?, Int?, Bool)])
    func whoHasNoShareLeavesItToTheOthers(
        rank: Int, concurrency: Int?, rate: Double?, burst: Int?, isForOthers: Bool
    ) {
        let now = Timestamp(microseconds: 1_795_168_800_000_000)
        var record = DestinationRecord(
            id: 1, url: "http://a.example", settings: .init(), pausedAt: nil, pauseReason: nil, openUntil: nil,
            failingSince: nil, createdAt: now, updatedAt: now)
        (record.settings.maxConcurrency, record.settings.rate, record.settings.burst) = (concurrency, rate, burst)
        var rules = DestinationDirectory.Rules()
        rules.board.records = [record.url: record]
        rules.board.share = ShareOfLimit(rank: rank, members: 3)
        let directory = DestinationDirectory { [rules] in rules }
        let settings = directory.entry(of: "http://a.example/x").settings
        #expect(settings.isForOthers == isForOthers)
        if let rate, burst == nil { #expect(settings.rate == .init(perSecond: rate / 3, burst: 1)) }
    }

    @Test func manyOriginsDoNotFillTheMemory() {
        let directory = DestinationDirectory { DestinationDirectory.Rules() }
        let entries = directory.entries(of: (0..<25_000).map { "http://h\($0).example/x" })
        #expect(Set(entries.map(\.name)).count == 25_000)
        #expect(directory.entry(of: "http://h1.example").name == "http://h1.example")
    }
}
