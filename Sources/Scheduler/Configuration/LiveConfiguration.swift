import Synchronization

/// The configuration in force, which may change while the process runs.
///
/// A stage reads what it needs at the beginning of each batch and keeps none of it; sections are its members:
/// `live.claim.batch`. Who must act on a change takes `updates`.
@dynamicMemberLookup
package final class LiveConfiguration: Sendable {
    /// Shared, because a configuration is large to copy.
    private final class Snapshot: Sendable {
        let configuration: Configuration

        init(_ configuration: Configuration) {
            self.configuration = configuration
        }
    }

    private struct State {
        var snapshot: Snapshot
        /// Counts the configurations.
        var version = 0
        var subscribers: [Int: AsyncStream<Configuration>.Continuation] = [:]
        var lastSubscriber = 0
    }

    private let state: Mutex<State>

    package init(_ configuration: Configuration) {
        state = Mutex(State(snapshot: Snapshot(configuration)))
    }

    private var snapshot: Snapshot { state.withLock { $0.snapshot } }

    package var current: Configuration { snapshot.configuration }

    /// What `make` takes from the configuration as it is now.
    package func make<Part>(_ make: (Configuration) throws -> Part) rethrows -> Part {
        try make(snapshot.configuration)
    }

    /// Another number with each configuration.
    fileprivate var version: Int { state.withLock { $0.version } }

    /// A section as it is now.
    package subscript<Section>(dynamicMember section: KeyPath<Configuration, Section>) -> Section {
        snapshot.configuration[keyPath: section]
    }

    /// Puts another configuration in force. Keys that cannot change live must have their old values.
    package func replace(with configuration: Configuration) {
        state.withLock { state in
            state.snapshot = Snapshot(configuration)
            state.version += 1
            for subscriber in state.subscribers.values { subscriber.yield(configuration) }
        }
    }

    /// Every configuration put in force from now on; who is slow gets the newest only.
    package var updates: AsyncStream<Configuration> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Configuration.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.lastSubscriber += 1
            state.subscribers[state.lastSubscriber] = continuation
            return state.lastSubscriber
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.subscribers.removeValue(forKey: number) }
        }
        return stream
    }
}

/// What is made of the configuration once and used often: made anew when another one is in force.
final class LivePart<Part: Sendable>: Sendable {
    private let live: LiveConfiguration
    private let make: @Sendable (Configuration) -> Part
    private let made = Mutex<(version: Int, part: Part)?>(nil)

    init(_ live: LiveConfiguration, _ make: @escaping @Sendable (Configuration) -> Part) {
        self.live = live
        self.make = make
    }

    var value: Part {
        let version = live.version
        if let made = made.withLock({ $0 }), made.version == version { return made.part }
        // Not older than the version says: at worst it is made once more.
        let part = live.make(make)
        made.withLock { $0 = (version, part) }
        return part
    }
}
