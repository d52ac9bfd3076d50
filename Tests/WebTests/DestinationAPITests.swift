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
        ("POST", "/v1/destinations/7:resume", "{}", 400), ("POST", "/v1/destinations/7", "", 405),
    ])
    func answers(_ method: String, _ path: String, _ body: String, _ status: Int) async throws {
        let answer = try await TestAPI().call(method, path, body)
        #expect(answer.status == status, "\(answer.text)")
    }
}
