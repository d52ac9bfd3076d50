package import Redis

extension Configuration.Redis {
    /// For the Redis client.
    package var options: ConnectionOptions {
        var options = ConnectionOptions()
        options.host = host
        options.port = port
        options.socket = socket
        options.user = user
        options.password = password
        options.database = database
        return options
    }
}
