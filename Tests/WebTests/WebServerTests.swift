import Dispatch
import Glibc
import Logging
import MySQL
import Scheduler
import ServiceLifecycle
import Synchronization
import Testing

@testable import Web

/// The server on a real socket: what its clients may do to a connection.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct WebServerTests {
    /// Runs a server on a free port for as long as `body` takes.
    private func withServer(
        _ scheduler: FakeScheduler = FakeScheduler(), readTimeout: Duration = .seconds(5),
        _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        var configuration = Configuration()
        configuration.server.host = "127.0.0.1"
        configuration.server.port = 0
        configuration.server.readTimeout = readTimeout
        configuration.server.maxBodyBytes = 4096
        configuration.server.maxHeaderBytes = 8192
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = WebServer(
            scheduler: scheduler, gate: nil, live: LiveConfiguration(configuration), logger: logger
        ) { port in
            continuation.yield(port)
        }
        let group = ServiceGroup(services: [server], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var iterator = ports.makeAsyncIterator()
            let port = try #require(await iterator.next())
            try await body(port)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// Sends bytes and reads until the server closes.
    private static func exchange(_ port: Int, _ text: String) async throws -> String {
        try await client(port) { client in
            try client.send(Array(text.utf8))
            return String(decoding: try client.readToEnd(), as: UTF8.self)
        }
    }

    /// A client blocks, so it has a thread of its own: the server needs those of the concurrency runtime.
    private static func client<T: Sendable>(
        _ port: Int, _ body: @escaping @Sendable (RawClient) throws -> T
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "client").async {
                continuation.resume(with: Result { try body(try RawClient(port: port)) })
            }
        }
    }

    private static let task = #"{"plan_time":1,"request":{"url":"http://a.test/"}}"#

    @Test func aRequestIsAnswered() async throws {
        try await withServer { port in
            let answer = try await Self.exchange(
                port,
                "POST /v1/tasks HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n"
                    + "Content-Length: \(Self.task.utf8.count)\r\n\r\n\(Self.task)")
            #expect(answer.hasPrefix("HTTP/1.1 201 Created\r\n"))
            #expect(answer.contains("Location: /v1/tasks/\(FakeScheduler.id)\r\n"))
        }
    }

    @Test(arguments: [
        "nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/1.1\r\nNo colon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX Y: a\r\n\r\n", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}",
        "POST /v1/tasks HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST /v1/tasks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "POST /v1/tasks HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ])
    func whatIsNotHTTPIsToldSo(_ request: String) async throws {
        try await withServer { port in
            let answer = try await Self.exchange(port, request)
            #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"), "\(answer)")
            #expect(answer.contains("application/problem+json"))
            #expect(answer.contains(#""detail":"#))
        }
    }

    @Test(arguments: [1, 150, 201, 1000])
    func tooLargeHeadersAreToldSo(_ count: Int) async throws {
        try await withServer { port in
            let value = count == 1 ? String(repeating: "v", count: 20_000) : "v"
            let headers = (0..<count).map { "X-\($0): \(value)\r\n" }.joined()
            let answer = try await Self.exchange(port, "GET /v1/tasks HTTP/1.1\r\nHost: a\r\n\(headers)\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 431 "), "\(answer)")
            #expect(answer.contains("/problems/too-many-headers"))
        }
    }

    @Test func aLargeBodyIsRefusedBeforeItIsRead() async throws {
        try await withServer { port in
            let answer = try await Self.client(port) { client in
                try client.send(Array("POST /v1/tasks HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n".utf8))
                // The client goes on sending, and still reads the answer.
                try client.send([UInt8](repeating: 0x20, count: 100_000))
                return String(decoding: try client.readToEnd(), as: UTF8.self)
            }
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
            #expect(answer.contains("/problems/too-large"))
        }
    }

    @Test func aLargeChunkedBodyIsRefused() async throws {
        try await withServer { port in
            let chunk = "400\r\n\(String(repeating: "x", count: 1024))\r\n"
            let answer = try await Self.exchange(
                port,
                "POST /v1/tasks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + String(repeating: chunk, count: 8) + "0\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test(arguments: ["POST /v1/tasks HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf"])
    func aRequestThatDoesNotArriveIsGivenUp(_ request: String) async throws {
        try await withServer(readTimeout: .milliseconds(200)) { port in
            let answer = try await Self.exchange(port, request)
            #expect(answer.hasPrefix("HTTP/1.1 408 "), "\(answer)")
        }
    }

    @Test(arguments: ["", "GET / HTTP/1.1\r\nHost:", "G"])
    func aHeadThatDoesNotArriveIsGivenUp(_ start: String) async throws {
        try await withServer(readTimeout: .milliseconds(200)) { port in
            _ = try await Self.exchange(port, start)
        }
    }

    @Test func halfABodyIsNotATask() async throws {
        let scheduler = FakeScheduler()
        try await withServer(scheduler) { port in
            let form = "POST /api/task/save HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            for framing in [
                "Content-Length: 100\r\n\r\nnotify_url=u", "Transfer-Encoding: chunked\r\n\r\nc\r\nnotify_url=u",
            ] {
                try await Self.client(port) { client in
                    try client.send(Array((form + framing).utf8))
                    client.endSending()
                    _ = try client.readToEnd()
                }
            }
        }
        #expect(scheduler.state.withLock { $0.forms.isEmpty })
    }

    @Test func aClientThatWaitsForContinueGetsIt() async throws {
        try await withServer { port in
            try await Self.client(port) { client in
                try client.send(
                    Array(
                        ("POST /v1/tasks HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nConnection: close\r\n"
                            + "Content-Length: \(Self.task.utf8.count)\r\n\r\n").utf8))
                #expect(String(decoding: try client.read(), as: UTF8.self).hasPrefix("HTTP/1.1 100 Continue\r\n"))
                try client.send(Array(Self.task.utf8))
                #expect(String(decoding: try client.readToEnd(), as: UTF8.self).contains("HTTP/1.1 201 Created\r\n"))
            }
        }
    }

    @Test func connectionsAreKeptAndRequestsPipelined() async throws {
        try await withServer { port in
            let one = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
            let last = "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            let answer = try await Self.exchange(port, one + one + last)
            #expect(answer.components("HTTP/1.1 200 OK\r\n") == 3)
        }
    }

    @Test func aTakenPortIsToldPlainly() async throws {
        try await withServer { port in
            var configuration = Configuration()
            configuration.server.host = "127.0.0.1"
            configuration.server.port = port
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let second = WebServer(
                scheduler: FakeScheduler(), gate: nil, live: LiveConfiguration(configuration), logger: logger)
            let error = await #expect(throws: WebServerError.self) { try await second.run() }
            #expect(error?.description == "cannot listen on 127.0.0.1:\(port): Address already in use")
        }
    }
}

extension String {
    /// How often a text is in this one.
    fileprivate func components(_ text: String) -> Int {
        var (count, rest) = (0, self[...])
        while let range = rest.firstRange(of: text) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}

/// A TCP connection that sends any bytes.
private final class RawClient {
    private let descriptor: Int32

    struct Failure: Error {
        let what: String
        let number = errno
    }

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(what: "connect") }
        var timeout = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure(what: "send") }
            sent += count
        }
    }

    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// What has arrived; empty at the end.
    func read() throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else { throw Failure(what: "recv") }
        return Array(buffer.prefix(count))
    }

    func readToEnd() throws -> [UInt8] {
        var all: [UInt8] = []
        while case let bytes = try read(), !bytes.isEmpty { all += bytes }
        return all
    }
}
