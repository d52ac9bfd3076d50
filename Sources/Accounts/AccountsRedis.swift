package import Redis
import ThreadPool

extension ConnectionPool {
    /// For sessions and the throttle of sign-ins: a page waits 2 s for Redis at most. Looking up the host's name is not
    /// bounded.
    package static func forAccounts(_ options: ConnectionOptions) -> ConnectionPool {
        var options = options
        // Each of these may be used up before the next begins.
        options.connectTimeout = .milliseconds(500)
        options.commandTimeout = .seconds(1)
        return ConnectionPool(options, Limits(connections: 4, waiting: 256, waitTimeout: .milliseconds(500)))
    }
}
