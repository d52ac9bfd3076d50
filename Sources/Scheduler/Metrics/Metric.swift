/// A figure that schedulerd tells of itself, as programs, people and the documentation know it.
package struct Metric: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// Only grows while the process lives.
        case counter
        case gauge
        /// - Parameter bounds: the upper bounds of its buckets in seconds, in order; what is longer is counted too.
        case histogram(bounds: [Double])
    }

    package struct Label: Sendable, Hashable {
        package let name: String
        /// For people: which values there are.
        package let meaning: String
    }

    /// By the conventions of Prometheus: the unit at the end, `_total` for what only grows.
    package let name: String
    package let kind: Kind
    package let labels: [Label]
    /// One sentence.
    package let help: String

    init(_ name: String, _ kind: Kind, labels: KeyValuePairs<String, String> = [:], _ help: String) {
        self.name = name
        self.kind = kind
        self.labels = labels.map { Label(name: $0, meaning: $1) }
        self.help = help
    }
}
