package import MySQL

/// Something that somebody did, or tried to do.
package struct AuditEvent: Sendable, Equatable {
    /// The user's name, or what was typed for one; `cli:` and the name of the Unix user on the command line; empty: nobody
    /// who is known. What is longer than the table holds is cut: 100 characters here, 64 of the address, 255 of the
    /// browser, 190 of the subject.
    package var actor: String
    package var userID: Int?
    /// The client's.
    package var address = ""
    package var userAgent = ""
    package var action: AuditAction
    /// What it was done to: the id of a task, or the name of a queue or user.
    package var subject: String
    package var before: AuditState?
    package var after: AuditState?

    package init(
        _ action: AuditAction, actor: String, userID: Int? = nil, subject: String = "", before: AuditState? = nil,
        after: AuditState? = nil
    ) {
        self.actor = actor
        self.userID = userID
        self.action = action
        self.subject = subject
        self.before = before
        self.after = after
    }
}

/// An event as the table holds it.
package struct AuditRecord: Sendable, Equatable {
    package let id: UInt64
    package let at: Timestamp
    package let actor: String
    package let userID: Int?
    package let address: String
    package let userAgent: String
    /// One of `AuditAction`, or of a newer program's.
    package let action: String
    package let subject: String
    /// JSON.
    package let before: String?
    package let after: String?

    init(_ row: Row) throws(MySQLError) {
        id = UInt64(try row.integer(0))
        at = try row.time(1)
        actor = try row.text(2)
        userID = try row.optional(3, Row.integer)
        address = try row.text(4)
        userAgent = try row.text(5)
        action = try row.text(6)
        subject = try row.text(7)
        before = try row.optional(8, Row.text)
        after = try row.optional(9, Row.text)
    }
}
