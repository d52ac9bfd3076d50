import MySQL

/// Entries that a destination had no room for at the moment: taken up again a moment later. No clock of its own.
struct HeldBack: Sendable {
    private var batches: [(until: ContinuousClock.Instant, entries: [WheelEntry])] = []

    private static let moment: Duration = .milliseconds(50)

    /// When the first of them are to be taken up; nil: there are none.
    var next: ContinuousClock.Instant? { batches.first?.until }

    mutating func add(_ entries: [WheelEntry], now: ContinuousClock.Instant) {
        if !entries.isEmpty { batches.append((now.advanced(by: Self.moment), entries)) }
    }

    mutating func takeDue(now: ContinuousClock.Instant) -> [WheelEntry] {
        let due = batches.prefix { $0.until <= now }
        batches.removeFirst(due.count)
        return due.flatMap(\.entries)
    }
}
