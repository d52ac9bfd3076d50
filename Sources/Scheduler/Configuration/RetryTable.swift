/// The retry schedule as the configuration gives it: `n_seconds` means that retry n comes that many seconds after
/// the failed attempt.
package struct RetryTable: Sendable, Hashable {
    /// Retries are numbered from 1 to this.
    package static let lastRetry = 100
    /// The longest delay: 31 days.
    package static let longestDelay = 2_678_400

    private var seconds: [Int: Int] = [:]

    /// Reads entries as they are written, so that `1_5` is not taken for the number 15.
    package init(_ entries: [String]) throws(ConfigurationRefusal) {
        for (index, entry) in entries.enumerated() {
            let parts = entry.split(separator: "_", omittingEmptySubsequences: false)
            guard parts.count == 2, let retry = Self.number(parts[0]), let delay = Self.number(parts[1]) else {
                throw ConfigurationRefusal(entry, "is not of the form n_seconds", element: index)
            }
            guard (1...Self.lastRetry).contains(retry) else {
                throw ConfigurationRefusal(entry, "does not name a retry from 1 to \(Self.lastRetry)", element: index)
            }
            guard delay <= Self.longestDelay else {
                throw ConfigurationRefusal(entry, "is longer than \(Self.longestDelay) seconds", element: index)
            }
            guard seconds.updateValue(delay, forKey: retry) == nil else {
                throw ConfigurationRefusal(entry, "gives retry \(retry) a second time", element: index)
            }
        }
    }

    /// The delays before the retries 1, 2, … `count`. A retry that the table lacks gets `fallback`.
    package func delays(count: Int, fallback: Duration) -> [Duration] {
        (0..<count).map { seconds[$0 + 1].map { .seconds($0) } ?? fallback }
    }

    private static func number(_ digits: Substring) -> Int? {
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(digits)
    }
}
