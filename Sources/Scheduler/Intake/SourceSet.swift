import Synchronization

/// The sources that are drained now.
package final class SourceSet: Sendable {
    /// Given when they are others.
    let changed = Signal()
    private let sources: Mutex<[DrainedSource]>

    package init(_ sources: [DrainedSource] = []) {
        self.sources = Mutex(sources)
    }

    var all: [DrainedSource] { sources.withLock { $0 } }

    func replace(with sources: [DrainedSource]) {
        self.sources.withLock { $0 = sources }
        changed.notify()
    }
}
