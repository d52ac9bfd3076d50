import ServiceLifecycle
import Synchronization

/// The two servers of `schedulerd dev`. As a service it watches over them.
final class DevServers: Service, CustomStringConvertible {
    let database: MariaDBServer
    let redis: RedisServer
    private let folder: DataFolder
    private let running = Mutex(Running())

    private struct Running {
        var database: ServerProcess?
        var redis: ServerProcess?
    }

    /// - Throws: when a program is not installed.
    init(_ folder: DataFolder) throws(DevFailure) {
        self.folder = folder
        database = try MariaDBServer(folder)
        redis = try RedisServer(folder)
    }

    var description: String { "database servers" }

    /// Each is noted as soon as it runs, so that `stop` ends it even when the other fails.
    func start() async throws {
        let redis = try await redis.start()
        running.withLock { $0.redis = redis }
        let database = try await database.start()
        running.withLock { $0.database = database }
    }

    /// Until the group shuts down. - Throws: when a server ends by itself.
    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                while true {
                    try await Task.sleep(for: .seconds(1))
                    try self.check()
                }
            }
        } catch is CancellationError {
            return
        }
    }

    private func check() throws(DevFailure) {
        let running = running.withLock { $0 }
        for process in [running.database, running.redis].compactMap({ $0 }) where !process.isAlive {
            let tail = folder.tail("\(process.name).log")
            throw DevFailure("\(process.name) ended by itself; its log ends with\n\(tail)")
        }
    }

    /// Ends what runs, gracefully and in bounded time. Blocks.
    func stop() {
        let processes = running.withLock { running in
            defer { running = Running() }
            return running
        }
        if let process = processes.redis { redis.stop(process) }
        if let process = processes.database { database.stop(process) }
    }
}
