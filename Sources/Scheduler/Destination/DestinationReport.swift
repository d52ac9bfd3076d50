package import MySQL

/// What an instance has found out about a destination.
package struct DestinationReport: Sendable, Equatable {
    package var url: String
    /// nil: it works.
    package var openUntil: Timestamp?
    package var failingSince: Timestamp?

    package init(url: String, openUntil: Timestamp?, failingSince: Timestamp?) {
        self.url = url
        self.openUntil = openUntil
        self.failingSince = failingSince
    }
}

/// What all instances know of destinations.
package struct DestinationExchange: Sendable {
    package var all: [DestinationRecord] = []
    /// Those that this exchange has paused, because they had failed for long.
    package var paused: [String] = []

    package init() {}
}
