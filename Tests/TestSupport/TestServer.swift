import Glibc
import Synchronization

/// A small HTTP/1.1 server on a thread of its own that records what reaches it.
package final class TestServer: Sendable {
    package struct Request: Sendable {
        /// Connections are numbered from 1 in the order they were accepted.
        package let connection: Int
        package let arrivedAt: ContinuousClock.Instant
        /// The request line and headers as received.
        package let head: String
        package let body: [UInt8]

        package var method: String { String(head.prefix { $0 != " " }) }
        package var path: String { String(head.split(separator: " ")[1]) }
        package var lines: [String] { head.split(separator: "\r\n").map(String.init) }

        package func header(_ name: String) -> String? {
            lines.first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
                .map { String($0.dropFirst(name.count + 1).drop { $0 == " " }) }
        }
    }

    package enum Reply: Sendable {
        case answer(String)
        case answerAndClose(String)
        case close
        /// Keeps the connection open and says nothing.
        case hang
        /// Says nothing until another reply is `release`.
        case hold(String)
        case release(String)
    }

    package struct Log: Sendable {
        package var connections = 0
        package var bytes = 0
        package var requests: [Request] = []
    }

    package let host: String
    package let port: UInt16
    /// Every request, as it arrives.
    package let arrivals: AsyncStream<Request>
    private let arrived: AsyncStream<Request>.Continuation
    private let recorded = Mutex(Log())
    private let listener: Int32
    private let stopPipe: (read: Int32, write: Int32)
    private let thread: Mutex<pthread_t>
    private let handler: @Sendable (Request) -> Reply

    package var log: Log { recorded.withLock { $0 } }
    package func url(_ path: String = "/", scheme: String = "http") -> String { "\(scheme)://\(host):\(port)\(path)" }

    package init(host: String = "127.0.0.1", _ handler: @escaping @Sendable (Request) -> Reply) {
        self.host = host
        self.handler = handler
        (arrivals, arrived) = AsyncStream.makeStream()
        (listener, port) = Self.listen(on: host)
        var ends: [Int32] = [0, 0]
        precondition(pipe(&ends) == 0)
        stopPipe = (ends[0], ends[1])
        thread = Mutex(pthread_t())
        let this = Unmanaged.passRetained(self)
        thread.withLock { thread in
            let status = pthread_create(
                &thread, nil,
                { argument in
                    Unmanaged<TestServer>.fromOpaque(argument!).takeRetainedValue().run()
                    return nil
                }, this.toOpaque())
            precondition(status == 0)
        }
    }

    package func stop() {
        var byte: UInt8 = 0
        _ = write(stopPipe.write, &byte, 1)
        pthread_join(thread.withLock { $0 }, nil)
        for descriptor in [listener, stopPipe.read, stopPipe.write] { close(descriptor) }
    }

    /// A port on which nothing listens: it was free a moment ago.
    package static func closedPort() -> UInt16 {
        let (descriptor, port) = listen(on: "127.0.0.1")
        close(descriptor)
        return port
    }

    private static func listen(on host: String) -> (Int32, UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        inet_pton(AF_INET, host, &address.sin_addr)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                precondition(bind(descriptor, pointer, length) == 0 && Glibc.listen(descriptor, 4096) == 0)
                getsockname(descriptor, pointer, &length)
            }
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    private struct Connection {
        let number: Int
        var input: [UInt8] = []
        var held: String?
    }

    private func run() {
        var connections: [Int32: Connection] = [:]
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            var polled = [stopPipe.read, listener].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            polled += connections.keys.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&polled, nfds_t(polled.count), -1) > 0 else { continue }
            if polled[0].revents != 0 { break }
            if polled[1].revents != 0 {
                let descriptor = accept(listener, nil, nil)
                let number = recorded.withLock { log in
                    log.connections += 1
                    return log.connections
                }
                if descriptor >= 0 { connections[descriptor] = Connection(number: number) }
            }
            for entry in polled.dropFirst(2) where entry.revents != 0 {
                let count = read(entry.fd, &buffer, buffer.count)
                guard count > 0 else {
                    close(entry.fd)
                    connections[entry.fd] = nil
                    continue
                }
                recorded.withLock { $0.bytes += count }
                connections[entry.fd]!.input += buffer[..<count]
                serve(entry.fd, &connections)
            }
        }
        for descriptor in connections.keys { close(descriptor) }
        arrived.finish()
    }

    private func serve(_ descriptor: Int32, _ connections: inout [Int32: Connection]) {
        guard let connection = connections[descriptor] else { return }
        var end = false
        if connection.input[0] < 0x41 {
            end = true  // a TLS handshake
        } else if let request = Self.parse(connection) {
            connections[descriptor]!.input = []
            recorded.withLock { $0.requests.append(request) }
            arrived.yield(request)
            switch handler(request) {
            case .answer(let text): end = !Self.send(text, to: descriptor)
            case .answerAndClose(let text):
                _ = Self.send(text, to: descriptor)
                end = true
            case .close: end = true
            case .hang: break
            case .hold(let text): connections[descriptor]!.held = text
            case .release(let text):
                _ = Self.send(text, to: descriptor)
                for (other, connection) in connections {
                    guard let held = connection.held else { continue }
                    _ = Self.send(held, to: other)
                    connections[other]!.held = nil
                }
            }
        }
        if end {
            close(descriptor)
            connections[descriptor] = nil
        }
    }

    /// Nil: not complete yet.
    private static func parse(_ connection: Connection) -> Request? {
        let input = connection.input
        guard
            let blank = input.indices.dropLast(3).first(where: { input[$0..<$0 + 4].elementsEqual([13, 10, 13, 10]) })
        else { return nil }
        let head = String(decoding: input[..<blank], as: UTF8.self)
        let request = Request(
            connection: connection.number, arrivedAt: .now, head: head, body: Array(input[(blank + 4)...]))
        return request.body.count >= Int(request.header("Content-Length") ?? "0")! ? request : nil
    }

    /// False: the peer is gone.
    private static func send(_ text: String, to descriptor: Int32) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}

/// An HTTP answer with a body of known length.
package func http(_ status: Int = 200, _ headers: [String] = [], body: String = "ok") -> String {
    (["HTTP/1.1 \(status) X", "Content-Length: \(body.utf8.count)"] + headers + ["", body]).joined(separator: "\r\n")
}
