/// Everything that is wrong with a configuration; thrown once, after the whole of it was checked.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One thing that is wrong.
    package struct Problem: Sendable, Hashable, CustomStringConvertible {
        /// File with line and column, or environment variable.
        package let origin: ConfigurationOrigin
        /// The key at fault; empty when the fault is in the file as such.
        package let keyPath: String
        /// What is wrong.
        package let problem: String
        /// What would be right; empty when `problem` says it all.
        package let accepted: String

        package init(_ origin: ConfigurationOrigin, _ keyPath: String, _ problem: String, accepted: String = "") {
            self.origin = origin
            self.keyPath = keyPath
            self.problem = problem
            self.accepted = accepted
        }

        package var line: Int? { origin.position?.line }
        package var column: Int? { origin.position?.column }

        /// One line: `schedulerd.yaml:3:5: server.prot: unknown key; did you mean "port"? accepted here: host, port`.
        public var description: String {
            var text = "\(origin): "
            if !keyPath.isEmpty { text += keyPath + ": " }
            text += problem
            if !accepted.isEmpty { text += (problem.hasSuffix("?") ? " " : "; ") + accepted }
            return text
        }
    }

    /// In the order of the file, then of the environment's names.
    package let problems: [Problem]

    package init(_ problems: [Problem]) {
        self.problems = problems
    }

    /// One line for each problem.
    public var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
