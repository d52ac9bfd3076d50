import HTTPTypes
import Scheduler
import Testing

@testable import Web

@Suite struct DestinationAPITests {
    @Test(arguments: [
        ("GET", "/v1/destinations", "", 200), ("GET", "/v1/destinations?limit=1", "", 200),
        ("GET", "/v1/destinations?limit=0", "", 400), ("GET", "/v1/destinations?cursor=x", "", 400),
        ("GET", "/v1/destinations/7", "", 200), ("GET", "/v1/destinations/8", "", 404),
        ("GET", "/v1/destinations/https%3A%2F%2Fshop.example%2Fhooks", "", 200), ("GET", "/v1/destinations/", "", 404),
        ("PUT", "/v1/destinations/7", #"{"rate": 2.5, "burst": 3}"#, 200),
        ("PUT", "/v1/destinations/http%3A%2F%2Fa.example", "{}", 201),
        ("PUT", "/v1/destinations/7", #"{"rate": "fast"}"#, 400), ("PUT", "/v1/destinations/7", #"{"speed": 1}"#, 400),
        ("PUT", "/v1/destinations/7", #"{"rate": 0}"#, 422), ("PUT", "/v1/destinations/7", #"{"burst": 3}"#, 422),
        ("PUT", "/v1/destinations/7", #"{"rate": 1e999}"#, 422), ("PUT", "/v1/destinations/7", "", 400),
        ("PUT", "/v1/destinations/7", #"{"max_concurrency": 1.5}"#, 400),
        ("PATCH", "/v1/destinations/7", #"{"rate": null, "max_concurrency": 10}"#, 200),
        ("PATCH", "/v1/destinations/8", "{}", 404), ("DELETE", "/v1/destinations/7", "", 204),
        ("DELETE", "/v1/destinations/8", "", 404), ("POST", "/v1/destinations/7:pause", "", 200),
        ("POST", "/v1/destinations/7:pause", #"{"reason": "noon"}"#, 200),
        ("POST", "/v1/destinations/7:pause", #"{"reason": 5}"#, 400), ("POST", "/v1/destinations/8:pause", "", 404),
        ("POST", "/v1/destinations/https%3A%2F%2Fshop.example%2Fhooks:resume", "", 200),
        ("POST", "/v1/destinations/7:test", "", 200), ("POST", "/v1/destinations/8:test", "", 404),
        ("POST", "/v1/destinations/7:test", #"{"method": "HEAD", "path": "/gone", "timeout_ms": 500}"#, 200),
        ("POST", "/v1/destinations/https%3A%2F%2Fshop.example%2Fhooks:test", "{}", 200),
        ("POST", "/v1/destinations/7:test", #"{"timeout_ms": 50}"#, 422),
        ("POST", "/v1/destinations/7:test", #"{"url": "http://elsewhere.example"}"#, 400),
        ("GET", "/v1/destinations/7:test", "", 405),
        ("POST", "/v1/destinations/7:add-secret", "", 201), ("POST", "/v1/destinations/8:add-secret", "", 404),
        ("POST", "/v1/destinations/7:add-secret", #"{"secret": "nonsense"}"#, 422),
        ("POST", "/v1/destinations/7:add-secret", #"{"secret": 7}"#, 400),
        ("POST", "/v1/destinations/7:drop-secret", #"{"all": true}"#, 200),
        ("POST", "/v1/destinations/7:drop-secret", "", 422),
        ("POST", "/v1/destinations/7:drop-secret", #"{"all": 1}"#, 400),
        ("POST", "/v1/destinations/7:resume", "{}", 400), ("POST", "/v1/destinations/7", "", 405),
    ])
    func answers(_ method: String, _ path: String, _ body: String, _ status: Int) async throws {
        let answer = try await TestAPI().call(method, path, body)
        #expect(answer.status == status, "\(answer.text)")
    }

    @Test func aSecretIsShownOnceAndKeptByNobody() async throws {
        let answer = try await TestAPI().call("POST", "/v1/destinations/7:add-secret", "")
        #expect(answer.text.hasPrefix(#"{"secret":"whsec_"#))
        #expect(answer.headers[.cacheControl] == "no-store")
        let shown = try await TestAPI().call("GET", "/v1/destinations/7", "")
        #expect(shown.text.contains(#""secrets":[{"created_at":"#) && !shown.text.contains("whsec_"))
    }
}
