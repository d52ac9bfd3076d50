import Redis
import Scheduler

/// Looks at the Redis servers that the configuration names. It changes nothing.
struct RedisCheckup: Sendable {
    let configuration: Configuration

    private struct Server {
        let options: ConnectionOptions
        var uses: [RedisSettings.Use]
    }

    private var servers: [Server] {
        var servers: [Server] = []
        func add(_ redis: Configuration.Redis, _ use: RedisSettings.Use) {
            if let known = servers.firstIndex(where: { $0.options == redis.options }) {
                if !servers[known].uses.contains(use) { servers[known].uses.append(use) }
            } else {
                servers.append(Server(options: redis.options, uses: [use]))
            }
        }
        if case .redis = configuration.intake.buffer { add(configuration.redis, .buffer) }
        if configuration.roles.contains(.intake) {
            for source in configuration.intake.sources { add(source.redis, .source) }
        }
        if configuration.roles.contains(.admin) { add(configuration.redis, .sessions) }
        return servers
    }

    /// Blocks.
    func findings() -> [Finding] {
        servers.flatMap { server -> [Finding] in
            let subject = "Redis \(server.options.display)"
            let connection: Connection
            do throws(RedisError) {
                connection = try Connection(server.options)
            } catch {
                return [
                    .problem(
                        subject, "cannot be used: \(error)",
                        "see whether it runs, and the configuration names it, its user and its password rightly; it is "
                            + "for \(server.uses.map(\.rawValue).joined(separator: ", "))")
                ]
            }
            do throws(RedisError) {
                var values: [String: String] = [:]
                for name in RedisSettings.names {
                    values[name] = try connection.run(["CONFIG", "GET", name]).asArray.last?.asText
                }
                return [.ok(subject, "\(connection.server)")]
                    + RedisSettings(place: server.options.display, uses: server.uses, values: values).findings
            } catch {
                return [
                    .warning(
                        subject, "does not tell its settings: \(error)",
                        "allow +config|get to the user, or see for yourself that appendonly is yes and maxmemory-policy "
                            + "noeviction")
                ]
            }
        }
    }
}
