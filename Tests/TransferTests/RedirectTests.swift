import Testing

@testable import Transfer

@Suite struct RedirectTests {
    private func request(_ method: String) -> TransferRequest {
        TransferRequest(
            token: 1, fireAt: .now, method: method, url: "http://a.example/x",
            headers: [
                TransferHeader("Authorization", "secret"), TransferHeader("Content-Type", "text/plain"),
                TransferHeader("X-Id", "1"), TransferHeader("host", "b.example"),
                TransferHeader("webhook-signature", "v1,x"), TransferHeader("webhook-request-signature", "v1,y"),
            ],
            body: [1], timeout: .seconds(1), maxRedirects: 3)
    }

    @Test(arguments: [
        (301, "POST", "GET", false), (302, "POST", "GET", false), (303, "POST", "GET", false),
        (303, "PUT", "GET", false),
        (303, "HEAD", "HEAD", true), (301, "PUT", "PUT", true), (302, "DELETE", "DELETE", true),
        (301, "GET", "GET", true),
        (307, "POST", "POST", true), (308, "PATCH", "PATCH", true),
    ]) func `method and body`(_ status: Int, _ method: String, _ next: String, _ keepsBody: Bool) throws {
        let result = try #require(request(method).redirected(status: status, to: "http://a.example/y"))
        #expect(result.method == next && result.url == "http://a.example/y" && result.maxRedirects == 2)
        #expect((result.body != nil) == keepsBody)
        #expect(result.headers.contains { $0.name == "Content-Type" } == keepsBody)
        #expect(result.headers.contains { $0.name == "Authorization" })
    }

    @Test(arguments: [200, 300, 304, 305, 306, 400]) func `no redirect`(_ status: Int) {
        #expect(request("GET").redirected(status: status, to: "http://a.example/") == nil)
    }

    @Test(arguments: [
        ("http://a.example/y", true), ("http://A.EXAMPLE:80/", true), ("http://u:p@a.example/", true),
        ("https://a.example/", false), ("http://a.example:81/", false), ("http://b.example/", false),
        ("http://a.example@b.example/", false), ("http://a.example.b.example/", false),
    ]) func `credentials stay with the origin`(_ location: String, _ isSame: Bool) throws {
        let names = try #require(request("GET").redirected(status: 307, to: location)).headers.map(\.name)
        let ofOrigin = ["host", "webhook-signature", "webhook-request-signature"]
        #expect(names == (isSame ? ["Authorization", "Content-Type", "X-Id"] + ofOrigin : ["Content-Type", "X-Id"]))
    }
}
