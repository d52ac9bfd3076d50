import Glibc

/// The private Redis of `schedulerd dev`: data in the folder, reachable by a unix socket only.
struct RedisServer: Sendable {
    private static let startLimit: Duration = .seconds(60)
    private static let stopLimit: Duration = .seconds(10)
    private static let name = "redis"

    private let folder: DataFolder
    private let server: String

    init(_ folder: DataFolder) throws(DevFailure) {
        self.folder = folder
        server = try ProgramPath.require("redis-server")
    }

    var socket: String { folder.socket("redis.sock") }

    func start() async throws -> ServerProcess {
        var process = ServerProcess.left(Self.name, in: folder)
        if process == nil { process = try launch() }
        let end = ContinuousClock.now + Self.startLimit
        while let running = process {
            if RedisPing.answers(socket: socket) { return running }
            if !running.isAlive {
                throw DevFailure("Redis ended at its start; its log, \(folder.file("redis.log")), ends with\n\(tail)")
            }
            if ContinuousClock.now > end { break }
            do {
                try await Task.sleep(for: .milliseconds(20))
            } catch {
                running.stop(within: Self.stopLimit)
                throw error
            }
        }
        process?.stop(within: Self.stopLimit)
        throw DevFailure("Redis did not answer within \(Self.startLimit); its log ends with\n\(tail)")
    }

    func stop(_ process: ServerProcess) {
        process.stop(within: Self.stopLimit)
    }

    private var tail: String { folder.tail("redis.log") }

    private func launch() throws(DevFailure) -> ServerProcess {
        unlink(socket)
        return try ServerProcess.start(
            Self.name, server,
            [
                "--port", "0", "--unixsocket", socket, "--unixsocketperm", "700", "--dir", folder.path,
                "--appendonly", "yes", "--appendfsync", "always", "--daemonize", "no",
            ], in: folder)
    }
}
