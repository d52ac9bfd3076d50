import Glibc

/// An HTTP request over a connection of its own, from an address of the test's choice.
package enum HTTPCall {
    package struct Failed: Error {
        let step: String
        let number: Int32
    }

    package struct Answer: Sendable {
        package let status: Int
        package let head: String
        package let body: String

        package func header(_ name: String) -> String? {
            head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
                .map { String($0.dropFirst(name.count + 1).drop { $0 == " " }) }
        }
    }

    /// Posts a form. - Parameter source: a loopback address.
    package static func post(
        port: Int, _ path: String, form: String, headers: [String] = [], source: String = "127.0.0.1",
        contentType: String = "Content-Type: application/x-www-form-urlencoded"
    ) async throws -> Answer {
        let lines =
            [
                "POST \(path) HTTP/1.1", "Host: localhost", "Connection: close", contentType,
                "Content-Length: \(form.utf8.count)",
            ] + headers + ["", form]
        let request = lines.joined(separator: "\r\n")
        return try await onThread { try exchange(port, source, request) }
    }

    package static func get(port: Int, _ path: String) async throws -> Answer {
        let request = "GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        return try await onThread { try exchange(port, "127.0.0.1", request) }
    }

    /// Sends a GET and reads what comes first of its answer; the server need not close.
    package static func visit(port: Int, _ path: String) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failed(step: "socket", number: errno) }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 90, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Failed(step: "connect", number: errno) }
        let request = Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
        guard write(descriptor, request, request.count) == request.count else {
            throw Failed(step: "send", number: errno)
        }
        var buffer = [UInt8](repeating: 0, count: 1024)
        guard recv(descriptor, &buffer, buffer.count, 0) > 0 else { throw Failed(step: "receive", number: errno) }
    }

    private static func exchange(_ port: Int, _ source: String, _ request: String) throws -> Answer {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failed(step: "socket", number: errno) }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 90, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        func withAddress(_ host: String, _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            inet_pton(AF_INET, host, &address.sin_addr)
            return withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        guard withAddress(source, 0, { bind(descriptor, $0, $1) }) == 0 else {
            throw Failed(step: "bind", number: errno)
        }
        guard withAddress("127.0.0.1", port, { connect(descriptor, $0, $1) }) == 0 else {
            throw Failed(step: "connect", number: errno)
        }
        let bytes = Array(request.utf8)
        guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw Failed(step: "send", number: errno)
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count >= 0 else { throw Failed(step: "receive", number: errno) }
            if count == 0 { break }
            answer += buffer[..<count]
        }
        let text = String(decoding: answer, as: UTF8.self)
        guard let blank = text.firstRange(of: "\r\n\r\n"), let status = Int(text.dropFirst(9).prefix(3)) else {
            throw Failed(step: "read", number: 0)
        }
        return Answer(
            status: status, head: String(text[..<blank.lowerBound]), body: String(text[blank.upperBound...]))
    }

    /// A port of the loopback that nobody listens on now; below those that outgoing connections take.
    package static func freePort() -> Int {
        while true {
            let port = Int.random(in: 20_000..<32_000)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
            let isFree = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            if isFree { return port }
        }
    }
}
