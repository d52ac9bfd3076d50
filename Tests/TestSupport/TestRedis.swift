import FoundationEssentials
import Glibc
package import Redis
import Synchronization

/// A Redis server of a test's own that can be stopped, paused and started again with its data.
package final class TestRedis: Sendable {
    /// By the unix socket.
    package let options: ConnectionOptions
    /// By TCP; nil unless asked for.
    package var tcpOptions: ConnectionOptions? {
        port.withLock { $0 }.map { port in
            var tcp = options
            tcp.socket = nil
            tcp.port = port
            return tcp
        }
    }
    private let folder: String
    private let listensOnTCP: Bool
    private let port = Mutex<Int?>(nil)
    private let process = Mutex<pid_t?>(nil)

    package struct NotStarted: Error {}

    /// Runs `body` beside a new, empty server.
    /// - Parameters:
    ///   - settings: more options for the server's command line.
    ///   - password: what a client needs to get in.
    ///   - timeout: of connections and commands, in place of the long ones.
    package static func with<T>(
        _ settings: [String] = [], tcp: Bool = false, password: String? = nil, timeout: Duration? = nil,
        isolation: isolated (any Actor)? = #isolation, _ body: (TestRedis) async throws -> T
    ) async throws -> T {
        let server = TestRedis(tcp: tcp, password, timeout)
        defer { server.remove() }
        try await server.start(settings)
        return try await body(server)
    }

    private init(tcp: Bool, _ password: String?, _ timeout: Duration?) {
        var template = Array("/tmp/schedulerd-redis.XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil)
        folder = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        listensOnTCP = tcp
        var options = ConnectionOptions()
        options.socket = folder + "/redis.sock"
        options.password = password
        if let timeout { (options.connectTimeout, options.commandTimeout) = (timeout, timeout) }
        self.options = options
    }

    package func connect() throws(RedisError) -> Connection {
        try Connection(options)
    }

    // MARK: The server's life

    /// Starts the server and waits until it has loaded its data, or only until it takes connections.
    package func start(_ settings: [String] = [], untilLoaded: Bool = true) async throws {
        for _ in 1...5 {
            let port = listensOnTCP ? Int.random(in: 20_000..<32_000) : 0
            try spawn(
                ["redis-server", "--port", String(port), "--bind", "127.0.0.1", "--unixsocket", options.socket!]
                    + ["--dir", folder, "--logfile", folder + "/log", "--save", ""] + settings)
            self.port.withLock { $0 = listensOnTCP ? port : nil }
            if try await answers(untilLoaded: untilLoaded) { return }
        }
        throw NotStarted()
    }

    /// Ends the server as an operator would; it saves what it is configured to save.
    package func stop() {
        end(by: SIGTERM)
    }

    /// Ends the server at once.
    package func kill() {
        end(by: SIGKILL)
    }

    /// Keeps the server from doing anything, with all connections open.
    package func pause() {
        process.withLock { process in
            var status: Int32 = 0
            Glibc.kill(process!, SIGSTOP)
            waitpid(process!, &status, WUNTRACED)
        }
    }

    package func resume() {
        process.withLock { process in _ = Glibc.kill(process!, SIGCONT) }
    }

    private func end(by signal: Int32) {
        process.withLock { process in
            guard let pid = process else { return }
            var status: Int32 = 0
            Glibc.kill(pid, signal)
            waitpid(pid, &status, 0)
            process = nil
        }
    }

    private func spawn(_ arguments: [String]) throws {
        let child = try ChildProcess(arguments, output: folder + "/output")
        process.withLock { $0 = child.pid }
    }

    /// False: the server has ended, as it does when somebody else took the port.
    private func answers(untilLoaded: Bool) async throws -> Bool {
        let end = ContinuousClock.now.advanced(by: .seconds(90))
        while ContinuousClock.now < end {
            // Why not is of no interest as long as there is time.
            if let connection = try? connect(), !untilLoaded || (try? connection.run(["PING"])) != nil { return true }
            let hasEnded = process.withLock { process in
                var status: Int32 = 0
                guard waitpid(process!, &status, WNOHANG) != 0 else { return false }
                process = nil
                return true
            }
            if hasEnded { return false }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw NotStarted()
    }

    private func remove() {
        kill()
        try? FileManager.default.removeItem(atPath: folder)  // the server is gone, whatever is left of it
    }
}
