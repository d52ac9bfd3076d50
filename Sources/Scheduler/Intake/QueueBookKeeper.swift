import Synchronization

/// Keeps the queue book at most a second old, by asking for it when it is needed.
package final class QueueBookKeeper: Sendable {
    private struct State {
        var book = QueueBook()
        var readAt: ContinuousClock.Instant?
        var isReading = false
    }

    private let state = Mutex(State())
    private let read: @Sendable () async throws -> QueueBook

    private static let age: Duration = .seconds(1)

    package init(_ read: @escaping @Sendable () async throws -> QueueBook) {
        self.read = read
    }

    /// The book as it is or was a moment ago. While the database is away it is the last one that was read.
    /// - Parameter isTooOld: whether a book will not do, so that it is read anew.
    package func current(
        unless isTooOld: (QueueBook) -> Bool = { _ in false }, now: ContinuousClock.Instant = .now
    ) async -> QueueBook {
        let (known, reads) = state.withLock { state -> (QueueBook?, Bool) in
            guard let readAt = state.readAt else { return (nil, true) }
            let mustRead = readAt.duration(to: now) > Self.age && !state.isReading
            if mustRead { state.isReading = true }
            return (state.book, mustRead)
        }
        if let known, !reads, !isTooOld(known) { return known }
        defer { if reads { state.withLock { $0.isReading = false } } }
        do {
            let book = try await read()
            state.withLock { state in
                state.book = book
                state.readAt = .now
            }
            return book
        } catch {
            // It cannot be read now: who asks for the task's storing will be told why.
            return known ?? QueueBook()
        }
    }

    /// It was changed here.
    package func forget() {
        state.withLock { $0.readAt = nil }
    }
}
