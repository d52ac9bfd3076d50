import Synchronization

/// Shares one overview among all who look at it: however many there are, the database is asked once at a time, and not
/// at all while nobody looks.
package final class OverviewFeed: Sendable {
    private struct State {
        var latest: (overview: Overview, askedAt: ContinuousClock.Instant)?
        var query: Task<Overview, any Error>?
    }

    private let ask: @Sendable () async throws -> Overview
    private let time: any Timekeeper
    private let state = Mutex(State())

    package init(time: any Timekeeper = SystemTime(), _ ask: @escaping @Sendable () async throws -> Overview) {
        self.time = time
        self.ask = ask
    }

    /// - Parameter maxAge: how old the figures may be.
    /// - Throws: what the query throws that was under way; all who wait for it get the same. The next caller asks anew.
    package func current(maxAge: Duration) async throws -> Overview {
        let now = time.now()
        let query = state.withLock { state -> Task<Overview, any Error> in
            if let latest = state.latest, latest.askedAt.duration(to: now) <= maxAge {
                return Task { latest.overview }
            }
            if let query = state.query { return query }
            // Of no caller's own: one that is cancelled leaves the others waiting for the answer.
            let query = Task { try await self.query(at: now) }
            state.query = query
            return query
        }
        return try await query.value
    }

    private func query(at now: ContinuousClock.Instant) async throws -> Overview {
        do {
            let overview = try await ask()
            state.withLock { state in
                state.latest = (overview, now)
                state.query = nil
            }
            return overview
        } catch {
            state.withLock { $0.query = nil }
            throw error
        }
    }
}
