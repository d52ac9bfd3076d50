/// Told of each use of a resource: how long its caller waited for it, and for how long he had it.
package typealias PoolUse = @Sendable (_ waited: Duration, _ held: Duration) -> Void

/// How much a pool opens and how long its callers wait.
package struct PoolLimits: Sendable {
    package var connections: Int
    /// Callers that may wait at once.
    package var waiting: Int
    package var waitTimeout: Duration
    /// A connection older than this is closed before its next use; zero: never.
    package var lifetime: Duration

    package init(
        connections: Int, waiting: Int = 1000, waitTimeout: Duration = .seconds(5), lifetime: Duration = .zero
    ) {
        self.connections = connections
        self.waiting = waiting
        self.waitTimeout = waitTimeout
        self.lifetime = lifetime
    }
}
