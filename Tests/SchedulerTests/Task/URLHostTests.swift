import Testing

@testable import Scheduler

@Suite struct URLHostTests {
    @Test(arguments: [
        ("http://a.example/x", "a.example", true), ("http://a.example", "a.example", true),
        ("http://a.example?x=http://b.example/", "a.example", true), ("http://A.Example/x", "a.eXample", true),
        ("http://a.example:8080/x", "a.example:8080", true), ("http://a.example:8080/x", "a.example", false),
        ("http://a.example:80/x", "a.example", true), ("http://a.example/x", "a.example:80", true),
        ("https://a.example/x", "a.example:443", true), ("https://a.example:80/x", "a.example", false),
        ("http://user:word@a.example/x", "a.example", true), ("http://a.example/@b.example/", "b.example", false),
        ("http://b.a.example/", "a.example", false), ("http://[::1]:81/", "[::1]:81", true),
        ("http://[::1]/", "[::1]", true), ("a.example/x", "a.example", false),
    ]) func hostsAreToldApart(url: String, host: String, matches: Bool) {
        #expect(URLHost.matches(url, host) == matches)
    }

    @Test(arguments: [
        ("http://a.example/x", "a.example"), ("HTTPS://A.Example:443?x=http://b.example/", "a.example:443"),
        ("http://user:word@a.example:8080#x", "a.example:8080"), ("http://[::1]:81/", "[::1]:81"),
        ("http://a.example/x@b.example", "a.example"), ("a.example/x", ""), ("", ""),
    ]) func theHostIsTakenOut(url: String, host: String) {
        #expect(URLHost.of(url) == host)
    }
}
