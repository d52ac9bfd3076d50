/// The queues there are, and what their tasks take that do not say themselves; as of one look.
package struct QueueBook: Sendable {
    private let defaults: [String: TaskDefaults]

    package init(_ defaults: [String: TaskDefaults] = [:]) {
        self.defaults = defaults
    }

    package func contains(_ name: String) -> Bool { defaults[name] != nil }

    package subscript(name: String) -> TaskDefaults? { defaults[name] }
}
