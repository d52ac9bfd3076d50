package import MySQL
import Synchronization

/// What is known of the replica, for all who read there: it is asked once at a time, once in a second at most, and not at
/// all while nobody looks. While it is away it is asked every five seconds, and nobody waits for it in between.
package final class ReplicaWatch: Sendable {
    private let answer: SharedAnswer<ReplicaState>
    private let time: any Timekeeper
    private let absence = Mutex<(reason: String, until: ContinuousClock.Instant)?>(nil)

    package static let freshness: Duration = .seconds(1)
    package static let patience: Duration = .seconds(1)
    package static let pauseWhileAway: Duration = .seconds(5)

    /// - Parameter newestHeartbeat: asks the replica; nil: it knows of no instance.
    package init(time: any Timekeeper, newestHeartbeat: @escaping @Sendable () async throws -> Timestamp?) {
        self.time = time
        answer = SharedAnswer(time: time) {
            do {
                if let heartbeat = try await newestHeartbeat() { return .seen(upTo: heartbeat) }
                return .away("it has no heartbeat of an instance: is it a replica of master_db?")
            } catch let error as MySQLError {
                return .away(error.message)
            }
        }
    }

    package func state() async -> ReplicaState {
        let now = time.now()
        if let known = absence.withLock({ absence in absence.flatMap { now < $0.until ? $0.reason : nil } }) {
            return .away(known)
        }
        let state = await answer.current(maxAge: Self.freshness, within: Self.patience)
        switch state {
        case .seen(let upTo): return .seen(upTo: upTo)
        case .away(let reason): isAway(reason)
        case nil: isAway("it does not answer in time")
        }
        return state ?? .away("it does not answer in time")
    }

    /// To be told when something could not be read there.
    package func isAway(_ reason: String) {
        let until = time.now().advanced(by: Self.pauseWhileAway)
        absence.withLock { $0 = (reason, until) }
    }
}
