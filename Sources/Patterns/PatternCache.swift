import Synchronization

extension Pattern {
    private static let cache = Mutex<[String: Pattern]>([:])
    /// With `memory` this bounds what all of them take.
    private static let mostCached = 64

    /// The same pattern for the same text: many tasks ask for the same, and what searches remember serves them all.
    package static func compiled(_ text: String) throws(PatternFault) -> Pattern {
        if let known = cache.withLock({ $0[text] }) { return known }
        let pattern = try Pattern(text)
        cache.withLock { cache in
            if cache.count == mostCached { cache = [:] }
            cache[text] = pattern
        }
        return pattern
    }
}
