import Logging
import Migrations
import Scheduler
import ServiceLifecycle
import Web

/// Everything that `schedulerd dev` runs, from the first server's start to the last one's end.
struct DevService: Service {
    let folder: String
    let port: Int
    let configuration: Configuration
    /// Whether requests to the API need a key here too.
    let asksForKeys: Bool
    let logger: Logger

    func run() async throws {
        let folder = try DataFolder(folder)
        defer { folder.release() }
        let servers = try DevServers(folder)
        do {
            try await cancelWhenGracefulShutdown { try await servers.start() }
        } catch is CancellationError {
            servers.stop()
            return
        } catch {
            servers.stop()
            throw error
        }
        do {
            try await serve(servers, folder)
        } catch {
            servers.stop()
            throw error
        }
        servers.stop()
        DevConsole.say("stopped; the data stays in \(folder.path)")
    }

    private func serve(_ servers: DevServers, _ folder: DataFolder) async throws {
        var configuration = configuration
        configuration.roles = [.api, .admin, .intake, .worker]
        configuration.server.host = "127.0.0.1"
        configuration.server.port = port
        configuration.masterDB.socket = servers.database.socket
        configuration.masterDB.name = MariaDBServer.database
        configuration.masterDB.user = MariaDBServer.user
        configuration.masterDB.password = ""
        configuration.masterDB.prefix = ""
        configuration.redis.socket = servers.redis.socket
        // Never the machine's own server, whatever the configuration says.
        for index in configuration.intake.sources.indices {
            configuration.intake.sources[index].redis = configuration.redis
        }
        configuration.intake.buffer = .redis
        // It listens to this machine only.
        if !asksForKeys { configuration.api.authentication = .none }
        let applied = try Migrator(options: configuration.masterDB.options, prefix: "").up()
        for status in applied { DevConsole.say("migrated \(status)") }
        let redis = servers.redis.socket
        let live = LiveConfiguration(configuration)
        let scheduler = SchedulerService(live: live, logger: logger)
        let group = ServingGroup(
            scheduler: scheduler, live: live, logger: logger, guests: [DevEcho.route(scheduler)],
            admin: AdminDesk(live, logger: logger),
            onListening: { port in
                DevConsole.welcome(port: port, folder: folder, database: servers.database.socket, redis: redis)
            })
        try await group.run(beside: [servers])
    }
}
