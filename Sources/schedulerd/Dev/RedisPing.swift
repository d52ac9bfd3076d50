import Redis

/// Asks a Redis server whether it is there.
enum RedisPing {
    /// False also while it loads its data.
    static func answers(socket: String) -> Bool {
        var options = ConnectionOptions()
        options.socket = socket
        options.connectTimeout = .seconds(1)
        options.commandTimeout = .seconds(1)
        do throws(RedisError) {
            try Connection(options).run(["PING"])
            return true
        } catch {
            return false
        }
    }
}
