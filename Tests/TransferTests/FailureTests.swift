import TestSupport
import Testing

@testable import Transfer

@Suite(.timeLimit(.minutes(2))) struct FailureTests {
    @Test func `no answer in time`() async throws {
        try await withBench(answering: Script { _ in .hang }) { bench in
            let result = try await bench.call(timeout: .milliseconds(50))
            #expect(result.status == 0 && result.failure?.kind == .timeout)
            #expect(result.failure?.message.hasSuffix("while waiting for the answer") == true)
            #expect(result.finishedAt - result.firedAt >= .milliseconds(50))
            #expect(result.address == "127.0.0.1:\(bench.server.port)")
        }
    }

    @Test func `the answer stops in the middle`() async throws {
        try await withBench(answering: Script { _ in .answer("HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\nhalf") }) {
            bench in
            // Long enough for the first half to come on a machine that is busy with other things.
            let result = try await bench.call(timeout: .seconds(3))
            #expect(result.status == 200 && result.failure?.kind == .timeout && result.body == Array("half".utf8))
        }
        try await withBench(
            answering: Script { _ in .answerAndClose("HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\nhalf") }
        ) { bench in
            let result = try await bench.call()
            #expect(result.status == 200 && result.failure?.kind == .receive && result.body == Array("half".utf8))
        }
    }

    @Test func `the time is for all redirects together`() async throws {
        try await withBench(answering: Script { .answer(http(302, ["Location: \($0.path)x"])) }) { bench in
            let result = try await bench.call(timeout: .milliseconds(100), maxRedirects: .max)
            #expect(result.failure?.kind == .timeout)
            #expect(result.finishedAt - result.firedAt >= .milliseconds(100))
        }
    }

    @Test(arguments: ["", "SSH-2.0-x\r\n", "HTTP/1.1 abc\r\n\r\n"])
    func `no HTTP answer`(_ answer: String) async throws {
        try await withBench(answering: Script { _ in .answerAndClose(answer) }) { bench in
            let result = try await bench.call()
            #expect(result.status == 0 && result.failure?.kind == .receive, "\(result)")
        }
    }

    @Test func `refused connection`() async throws {
        try await withBench { bench in
            let result = try await bench.call("GET", "http://127.0.0.1:\(TestServer.closedPort())/")
            #expect(result.status == 0 && result.failure?.kind == .connect && result.address == nil)
            #expect(result.failure?.message.contains("Connection refused") == true)
        }
    }

    @Test func `unknown name`() async throws {
        try await withBench { bench in
            let result = try await bench.call("GET", "http://no-such-host.invalid/")
            #expect(result.status == 0 && result.failure?.kind == .resolve && result.address == nil)
            #expect(result.failure?.message.contains("no-such-host.invalid") == true)
        }
    }

    @Test func `no TLS at the other end`() async throws {
        try await withBench { bench in
            let result = try await bench.call("GET", bench.server.url(scheme: "https"))
            #expect(result.status == 0 && result.failure?.kind == .tls)
            #expect(result.address == "127.0.0.1:\(bench.server.port)")
        }
    }

    @Test(arguments: ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1"])
    func `a denied address gets no byte, however it is spelt`(_ host: String) async throws {
        var options = TransferOptions()
        options.addressPolicy = AddressPolicy(preset: .public)
        try await withBench(options: options) { bench in
            let result = try await bench.call("POST", "http://\(host):\(bench.server.port)/", body: [1])
            #expect(result.status == 0 && result.failure?.kind == .addressDenied && result.address == nil)
            #expect(result.failure?.message.contains("is loopback") == true)
            #expect(bench.server.log.connections == 0)
        }
    }

    @Test(arguments: [
        ("X\r\nY", "1"), ("X", "1\r\nY: 2"), ("X", "1\n"), ("X", "a\0b"), ("X Y", "1"), ("", "1"), ("X:", "1"),
        ("é", "1"),
        ("Transfer-Encoding", "chunked"),
    ]) func `headers that cannot be sent`(_ name: String, _ value: String) async throws {
        try await withBench { bench in
            let result = try await bench.call("POST", headers: [TransferHeader(name, value)], body: [1])
            #expect(result.failure?.kind == .invalidRequest)
            #expect(bench.server.log.connections == 0)
            #expect(try await bench.call().status == 200)
        }
    }

    @Test(arguments: [
        ("TRACE", "http://127.0.0.1/"), ("get", "http://127.0.0.1/"), ("GET\r\nX: 1", "http://127.0.0.1/"), ("GET", ""),
        ("GET", "127.0.0.1/"), ("GET", "ftp://127.0.0.1/"), ("GET", "file:///etc/passwd"), ("GET", "http://"),
        ("GET", "http://127.0.0.1/\r\nX: 1"), ("GET", "http://127.0.0.1/ x"), ("GET", "http://127.0.0.1/\0"),
        ("GET", "http://127.0.0.1:99999/"),
    ]) func `methods and URLs that cannot be sent`(_ method: String, _ url: String) async throws {
        try await withBench { bench in
            let result = try await bench.call(method, url)
            #expect(result.failure?.kind == .invalidRequest)
        }
    }

    @Test func `the names of the kinds`() {
        #expect(
            TransferFailure.Kind.allCases.map(\.rawValue) == [
                "resolve", "connect", "tls", "timeout", "address_denied", "send", "receive", "redirect",
                "invalid_request", "fenced", "expired", "shutdown", "aborted", "internal",
            ])
    }
}
