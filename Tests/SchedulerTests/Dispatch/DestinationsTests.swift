import Testing

@testable import Scheduler

@Suite struct DestinationsTests {
    static let destinations = Destinations(
        [
            ("https://a.example", "all"), ("https://a.example/hooks", "hooks"), ("https://a.example/hooks/v2/", "v2"),
            ("http://a.example:8080/", "port"), ("http://B.Example:80", "b"), ("http://[::1]:9000/x", "six"),
            ("https://a.example/h%20x", "escaped"),
        ].map { Configuration.Destination(url: $0.0, md5Key: $0.1) })

    @Test(arguments: [
        ("https://a.example", "all"), ("https://a.example/", "all"), ("https://A.EXAMPLE:443/x?y=1", "all"),
        ("HTTPS://a.example/hooksy", "all"), ("https://a.example/Hooks", "all"), ("https://a.example/hooks", "hooks"),
        ("https://a.example/hooks?x=/v2/", "hooks"), ("https://a.example/hooks/", "hooks"),
        ("https://a.example/hooks/v2", "hooks"), ("https://a.example/hooks/v2/", "v2"),
        ("https://a.example/hooks/v2/x", "v2"), ("https://a.example/other/../hooks/v2/x", "v2"),
        ("https://a.example/hooks/v2/../../x", "all"), ("http://a.example:8080/x", "port"), ("http://b.example/x", "b"),
        ("http://b.example:80", "b"), ("http://[::1]:9000/x/y", "six"), ("https://a.example/h%20x/", "escaped"),
        ("https://a.example/hooks#f", "hooks"),
    ])
    func belongs(_ url: String, _ name: String) {
        #expect(Self.destinations[url]?.md5Key == name)
    }

    @Test(arguments: [
        "http://a.example/", "https://a.example:444/", "https://a.example.b.example/", "https://b.example/",
        "https://a.exampl", "http://a.example:8081/", "http://[::1]:9000/", "http://[::1]:9000/xy",
        "https://a.example@evil.example/", "https://evil.example/https://a.example/", "", "x", "//a.example/",
    ])
    func others(_ url: String) {
        #expect(Self.destinations[url] == nil)
    }

    @Test func withoutSecretsNothingIsSigned() {
        let secret = WebhookSignerTests.secret
        let destinations = Destinations([
            Configuration.Destination(url: "http://a.example/", md5Key: "k"),
            Configuration.Destination(url: "http://a.example/signed", secrets: [secret]),
        ])
        #expect(destinations["http://a.example/"]?.signer == nil)
        #expect(destinations["http://a.example/signed"]?.signer != nil)
        #expect(destinations["http://a.example/signed"]?.md5Key == nil)
        #expect(Destinations([])["http://a.example/"] == nil)
    }
}
