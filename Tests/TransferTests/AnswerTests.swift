import TestSupport
import Testing

@testable import Transfer

@Suite(.timeLimit(.minutes(2))) struct AnswerTests {
    @Test func `an answer comes back whole`() async throws {
        try await withBench(answering: Script { _ in .answer(http(503, ["Retry-After: 120"], body: "busy")) }) {
            bench in
            let result = try await bench.call()
            #expect(result.status == 503 && result.failure == nil && result.retryAfter == "120")
            #expect(result.body == Array("busy".utf8) && !result.bodyTruncated)
            #expect(result.address == "127.0.0.1:\(bench.server.port)")
            #expect(result.timings.connect > 0 && result.timings.tls == 0)
            #expect(
                result.timings.firstByte >= result.timings.connect && result.timings.total >= result.timings.firstByte)
            let request = try #require(bench.server.log.requests.first)
            #expect(request.header("User-Agent") == "schedulerd")
            #expect(request.header("Accept-Encoding") == nil && request.header("Cookie") == nil)
        }
    }

    @Test func `a connection is kept and used again`() async throws {
        try await withBench { bench in
            for _ in 0..<5 { #expect(try await bench.call("POST", body: [1]).status == 200) }
            let result = try await bench.call()
            #expect(result.timings.lookup == 0 && result.timings.connect == 0 && result.timings.firstByte > 0)
            #expect(result.address == "127.0.0.1:\(bench.server.port)")
            #expect(bench.server.log.connections == 1 && bench.server.log.requests.count == 6)
        }
    }

    @Test(
        arguments: [
            ("GET", [1, 2], "GET", nil, []), ("GET", nil, "GET", nil, []), ("HEAD", [1], "HEAD", nil, []),
            ("POST", nil, "POST", "0", []), ("POST", [], "POST", "0", []),
            ("POST", [7, 0, 9], "POST", "3", [7, 0, 9]),
            ("PUT", [1], "PUT", "1", [1]), ("PUT", nil, "PUT", "0", []), ("PATCH", [1], "PATCH", "1", [1]),
            ("DELETE", nil, "DELETE", nil, []), ("DELETE", [1], "DELETE", "1", [1]),
            ("OPTIONS", nil, "OPTIONS", nil, []),
        ] as [(String, [UInt8]?, String, String?, [UInt8])])
    func `method and body`(_ method: String, _ body: [UInt8]?, _ sent: String, _ length: String?, _ received: [UInt8])
        async throws
    {
        try await withBench(answering: Script { .answer(http(body: $0.method == "HEAD" ? "" : "ok")) }) { bench in
            // Before and after, on the same handle: nothing of one request may show in the next.
            for before in ["POST", "HEAD", "DELETE"] { _ = try await bench.call(before, body: [9, 9]) }
            let result = try await bench.call(method, body: body)
            #expect(result.status == 200 && result.failure == nil)
            let request = try #require(bench.server.log.requests.last)
            #expect(request.method == sent && request.body == received && request.header("Content-Length") == length)
            #expect(request.header("Content-Type") == nil && request.header("Expect") == nil)
            #expect(try await bench.call().status == 200)
            #expect(bench.server.log.connections == 1)
        }
    }

    @Test func `a HEAD answer has no body`() async throws {
        try await withBench(answering: Script { _ in .answer("HTTP/1.1 200 X\r\nContent-Length: 500\r\n\r\n") }) {
            bench in
            let result = try await bench.call("HEAD")
            #expect(result.status == 200 && result.failure == nil && result.body.isEmpty && !result.bodyTruncated)
        }
    }

    @Test func `headers are sent as given`() async throws {
        try await withBench { bench in
            let headers = [
                TransferHeader("X-Empty", ""), TransferHeader("X-Blank", "  "), TransferHeader("X-Trim", " a b\t"),
                TransferHeader("x-twice", "1"), TransferHeader("x-twice", "2; 3: 4"), TransferHeader("X-Name", "é"),
                TransferHeader("Content-Type", "text/plain"), TransferHeader("content-length", "999"),
                TransferHeader("User-Agent", "mine"),
            ]
            #expect(try await bench.call("POST", headers: headers, body: [1]).status == 200)
            let lines = try #require(bench.server.log.requests.first).lines
            for line in [
                "X-Empty:", "X-Trim: a b", "x-twice: 1", "x-twice: 2; 3: 4", "X-Name: é", "Content-Type: text/plain",
                "User-Agent: mine", "Content-Length: 1",
            ] { #expect(lines.contains(line), "\(line) is missing in \(lines)") }
            #expect(lines.contains { $0.hasPrefix("X-Blank:") })
            #expect(lines.count { $0.lowercased().hasPrefix("content-length") } == 1)
            #expect(try await bench.call().status == 200)
            #expect(bench.server.log.requests.last?.header("X-Trim") == nil)
        }
    }

    @Test func `a name and password in a URL do not outlive the request`() async throws {
        try await withBench { bench in
            let port = bench.server.port
            #expect(try await bench.call("GET", "http://me:secret@127.0.0.1:\(port)/").status == 200)
            let result = try await bench.call()
            #expect(result.status == 200)
            let sent = bench.server.log.requests.map { $0.header("Authorization") }
            #expect(sent == ["Basic bWU6c2VjcmV0", nil])
        }
    }

    @Test func `a large body arrives whole`() async throws {
        try await withBench { bench in
            let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let result = try await bench.call("POST", body: body)
            #expect(result.status == 200)
            #expect(bench.server.log.requests.first?.body == body)
            #expect(bench.server.log.requests.first?.header("Expect") == nil)
        }
    }

    @Test func `a body is kept up to the limit and the connection goes on`() async throws {
        var options = TransferOptions()
        options.responseLimit = 10
        try await withBench(
            options: options, answering: Script { _ in .answer(http(body: String(repeating: "x", count: 100_000))) }
        ) { bench in
            for _ in 0..<2 {
                let result = try await bench.call()
                #expect(result.status == 200 && result.failure == nil && result.bodyTruncated)
                #expect(result.body == Array(repeating: 120, count: 10))
            }
            #expect(bench.server.log.connections == 1)
        }
    }

    @Test func `a body without end is cut off and its status counts`() async throws {
        var options = TransferOptions()
        options.responseReadLimit = 50_000
        // More is announced than ever comes: without the cut this would time out.
        let answer = "HTTP/1.1 201 X\r\nContent-Length: 9000000\r\n\r\n" + String(repeating: "x", count: 100_000)
        try await withBench(options: options, answering: Script { _ in .answer(answer) }) { bench in
            let result = try await bench.call()
            #expect(result.status == 201 && result.failure == nil && result.bodyTruncated)
            #expect(result.body.count >= 50_000 && result.body.count <= 65_536)
            #expect(try await bench.call().status == 201)
        }
    }

    @Test func `a redirect is an answer when none are followed`() async throws {
        try await withBench(answering: Script { _ in .answer(http(302, ["Location: /next"])) }) { bench in
            let result = try await bench.call()
            #expect(result.status == 302 && result.failure == nil)
            #expect(bench.server.log.requests.count == 1)
        }
    }

    @Test func `redirects are followed`() async throws {
        try await withBench(
            answering: Script { request in
                switch request.path {
                case "/": .answer(http(307, ["Location: /second"]))
                case "/second": .answer(http(303, ["Location: third?x=1"]))
                default: .answer(http(200, body: "there"))
                }
            }
        ) { bench in
            let result = try await bench.call("PUT", body: [5], maxRedirects: 2)
            #expect(result.status == 200 && result.failure == nil && result.body == Array("there".utf8))
            let requests = bench.server.log.requests
            #expect(requests.map(\.method) == ["PUT", "PUT", "GET"])
            #expect(requests.map(\.path) == ["/", "/second", "/third?x=1"])
            #expect(requests.map(\.body) == [[5], [5], []])
            #expect(result.timings.total >= result.timings.firstByte && result.timings.firstByte > 0)
        }
    }

    @Test(arguments: ["/again", "ftp://127.0.0.1/", "file:///etc/passwd"])
    func `a redirect too many, or to elsewhere`(_ location: String) async throws {
        try await withBench(answering: Script { _ in .answer(http(302, ["Location: \(location)"])) }) { bench in
            let result = try await bench.call(maxRedirects: 3)
            #expect(result.status == 302 && result.failure?.kind == .redirect)
            #expect(bench.server.log.requests.count == (location == "/again" ? 4 : 1))
            #expect(try await bench.call().failure == nil)
        }
    }

    @Test func `a redirect to a denied address sends nothing there`() async throws {
        let secret = TestServer(host: "127.0.0.2") { _ in .answer(http()) }
        defer { secret.stop() }
        var options = TransferOptions()
        options.addressPolicy = AddressPolicy(deny: [AddressRange("127.0.0.2")!])
        try await withBench(
            options: options, answering: Script { [url = secret.url()] _ in .answer(http(302, ["Location: \(url)"])) }
        ) { bench in
            let failure = try #require(try await bench.call(maxRedirects: 3).failure)
            #expect(failure.kind == .addressDenied)
            #expect(failure.message == "127.0.0.2 is in the denied range 127.0.0.2/32")
            #expect(secret.log.connections == 0)
        }
    }
}
