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

    @Test func manyOriginsDoNotFillTheMemory() {
        let directory = DestinationDirectory { DestinationDirectory.Rules() }
        let entries = directory.entries(of: (0..<25_000).map { "http://h\($0).example/x" })
        #expect(Set(entries.map(\.name)).count == 25_000)
        #expect(directory.entry(of: "http://h1.example").name == "http://h1.example")
    }
}
