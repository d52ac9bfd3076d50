import TestSupport
import Testing

@testable import Transfer

@Suite(.timeLimit(.minutes(2))) struct CallbackURLTests {
    /// What a signature covers must be what the receiver can put together again.
    @Test(arguments: [
        "", "/", "?x=1", "/?", "/a/b?x=1&y=%20z#part", "/a/../b/./c", "/%7Euser/%2e%2e/x", "/a//b", "/ж?ü=é",
        "/a;b=c,d",
        "/x?y=a/../b", "/x#only", "/?a=[1]{2}", "/a%2Fb", "/x?#",
    ])
    func `as the receiver sees it`(_ rest: String) async throws {
        try await withBench { bench in
            let port = bench.server.port
            let seen = try #require(CallbackURL("HTTP://LocalHost:\(port)\(rest)")).seen
            _ = try await bench.call("GET", "HTTP://LocalHost:\(port)\(rest)")
            let request = try #require(bench.server.log.requests.first)
            #expect(seen == "http://\(request.header("Host")!.lowercased())\(request.path)")
        }
    }

    @Test(arguments: [
        ("http://a.example:80/", "http://a.example/"), ("https://A.example:443", "https://a.example/"),
        ("https://a.example:80/", "https://a.example:80/"), ("http://[::1]:8080/", "http://[::1]:8080/"),
    ])
    func `without the port that goes without saying`(_ url: String, _ seen: String) {
        #expect(CallbackURL(url)?.seen == seen)
    }
}
