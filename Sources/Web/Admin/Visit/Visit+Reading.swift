import HummingbirdCore
import MySQL
import Scheduler

extension Visit {
    /// Holds when this visitor last changed something: until the replica has it, pages are read from the primary.
    static let changeCookie = "schedulerd_changed"

    /// When this visitor last changed something. What a client makes up only makes it read from the primary.
    var changedAt: Timestamp? {
        request.headers.cookie(Self.changeCookie).flatMap { Int64($0) }.map(Timestamp.init(microseconds:))
    }

    /// Where the page was read from, as it says it; nil: there is nothing to say.
    var readingRemark: (text: String, isWarning: Bool)? {
        switch reading {
        case .primary(.noReplica), .nowhere: nil
        case .primary(.change): (texts("read_after_change"), false)
        case .primary(.replicaAway): (texts("replica_away_read_primary"), true)
        case .primary(.replicaLate(let behind)):
            (texts("replica_late_read_primary", ["behind": texts.length(behind)]), true)
        case .replica(let behind, isLate: false):
            (texts("read_from_replica", ["behind": texts.length(behind)]), false)
        case .replica(let behind, isLate: true):
            (texts("read_from_late_replica", ["behind": texts.length(behind)]), true)
        }
    }
}
