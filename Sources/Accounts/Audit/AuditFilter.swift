package import MySQL

/// Which events to show: those for which all hold that is given.
package struct AuditFilter: Sendable, Equatable {
    /// Compared as names of users are: without regard to case and accents.
    package var actor: String?
    package var action: AuditAction?
    /// As `actor`.
    package var subject: String?
    /// Not before this time.
    package var from: Timestamp?
    /// Before this time.
    package var to: Timestamp?

    package init() {}

    /// A key of the table gives what the first of these wants in order; the others are looked at in each row.
    var isOfOneKeyOnly: Bool {
        from == nil && to == nil && [actor != nil, action != nil, subject != nil].count { $0 } <= 1
    }
}

/// Events, newest first.
package struct AuditPage: Sendable, Equatable {
    package let events: [AuditRecord]
    /// Where to go on; nil: there are no older ones. A page may hold fewer than asked for, even none, and still have a
    /// next one: so many events were looked at that the rest is left to it.
    package let next: UInt64?
}
