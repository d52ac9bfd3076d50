package import MySQL

/// When a receiver wants to be asked again: the `Retry-After` of its answer (RFC 9110, section 10.2.3).
package enum RetryAfter {
    /// - Parameters:
    ///   - text: seconds, or a date, which is taken by the cluster's clock.
    ///   - end: when the answer was complete; seconds count from here.
    ///   - limit: what asks for a longer pause gets this one.
    /// - Returns: nil when there is nothing to wait for: no such text, or a date that is past.
    package static func time(_ text: String?, end: Timestamp, limit: Duration) -> Timestamp? {
        guard let text else { return nil }
        let digits = text.utf8.allSatisfy { (48...57).contains($0) }
        let pause: Duration
        if digits, !text.isEmpty {
            // More digits than a number holds: longer than any limit.
            pause = .seconds(min(Int64(text) ?? .max, 1_000_000_000))
        } else if let time = Timestamp(httpDate: text, now: end) {
            pause = time - end
        } else {
            return nil
        }
        return pause > .zero && limit > .zero ? end + min(pause, limit) : nil
    }
}
