import MySQL
import Scheduler

/// Where an export is read, by the rules of the pages: from the replica when there is one and it is near enough.
struct ExportPlace: Sendable, Equatable {
    var source: ReadSource
    /// What is said of it; nil: there is no other place.
    var notice: String?

    struct Unreadable: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameters:
    ///   - state: nil: no instance runs whose heartbeats would tell.
    ///   - now: by the clock of the replica: the primary need not be there.
    /// - Throws: `Unreadable`: that the replica cannot be read, when the primary is to be spared all the same.
    init(_ state: ReplicaState?, now: Timestamp, rules: Configuration.ReplicaRules) throws {
        guard let state else {
            source = .replica
            notice = "slave_db is read; no instance runs whose heartbeats would tell how far it is behind"
            return
        }
        let plan = ReadPlan(state, now: now, changedAt: nil, rules: rules)
        source = plan.source
        switch plan {
        case .replica(let behind, let isLate):
            notice = "slave_db is read, which is \(Self.text(behind)) behind" + (isLate ? Self.tooMuch : "")
        case .primary(.replicaAway(let reason)): notice = "slave_db is away, so master_db is read: \(reason)"
        case .primary(.replicaLate(let behind)):
            notice = "slave_db is \(Self.text(behind)) behind\(Self.tooMuch), so master_db is read"
        case .primary(.noReplica), .primary(.change): notice = nil
        case .nowhere(let reason):
            throw Unreadable(description: "slave_db cannot be read, and slave_db.fallback is off: \(reason)")
        }
    }

    private static let tooMuch = ", more than slave_db.max_lag_s"

    private static func text(_ behind: Duration) -> String { "\(behind.components.seconds) s" }
}
