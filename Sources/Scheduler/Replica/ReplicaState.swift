package import MySQL

/// What is known of the replica.
package enum ReplicaState: Sendable, Equatable {
    /// It has everything that was committed before this heartbeat, by the clock of the primary.
    case seen(upTo: Timestamp)
    /// Why nothing can be read there.
    case away(String)
}
