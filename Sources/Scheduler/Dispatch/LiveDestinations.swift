import Synchronization

/// The destinations of the configuration in force, made anew only when they have changed.
package final class LiveDestinations: Sendable {
    private let configured: @Sendable () -> [Configuration.Destination]
    private let last: Mutex<(configured: [Configuration.Destination], made: Destinations)>

    package init(_ configured: @escaping @Sendable () -> [Configuration.Destination]) {
        self.configured = configured
        let first = configured()
        last = Mutex((first, Destinations(first)))
    }

    package var current: Destinations {
        let configured = configured()
        return last.withLock { last in
            // The same array, as a rule, which is seen without looking into it.
            if last.configured != configured { last = (configured, Destinations(configured)) }
            return last.made
        }
    }
}
