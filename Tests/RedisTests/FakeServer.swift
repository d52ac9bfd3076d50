import Glibc
import Redis
import ThreadPool

/// Takes one connection at a unix socket, waits for its first bytes, says something and hangs up.
final class FakeServer: Sendable {
    let options: ConnectionOptions
    private let thread: WorkerThread

    static func with<T>(saying answer: String, _ body: (ConnectionOptions) throws -> T) rethrows -> T {
        let server = FakeServer(saying: answer)
        defer {
            server.thread.join()
            unlink(server.options.socket!)
        }
        return try body(server.options)
    }

    private init(saying answer: String) {
        var options = ConnectionOptions()
        options.socket = "/tmp/schedulerd-fake.\(UInt64.random(in: 0 ... .max))"
        options.clientName = nil
        self.options = options
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: options.socket!.utf8) }
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                let size = socklen_t(MemoryLayout<sockaddr_un>.size)
                precondition(bind(listener, pointer, size) == 0 && listen(listener, 1) == 0)
            }
        }
        thread = WorkerThread {
            let client = accept(listener, nil, nil)
            var byte: UInt8 = 0
            _ = recv(client, &byte, 1, Int32(MSG_PEEK))
            let bytes = Array(answer.utf8)
            _ = send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            close(client)
            close(listener)
        }
    }
}
