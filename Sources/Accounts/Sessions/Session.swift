package import MySQL

/// That somebody has signed in.
package struct Session: Sendable, Equatable {
    package let userID: Int
    /// What every form of this session sends back, so that no other site's form is taken for one.
    package let csrfToken: String
    /// By the clock of Redis.
    package let createdAt: Timestamp
    /// The user's when he signed in: another one now, and the session is over.
    package let passwordChangedAt: Timestamp

    /// Whether a form has this session's token; in a time that tells nothing.
    package func accepts(csrfToken: String) -> Bool {
        self.csrfToken.isEqualInConstantTime(to: csrfToken)
    }
}

/// How long a session lasts.
package struct SessionLimits: Sendable, Equatable {
    /// Without a request.
    package var idle: Duration
    /// In any case.
    package var absolute: Duration

    package init(idle: Duration, absolute: Duration) {
        self.idle = idle
        self.absolute = absolute
    }
}

/// Who sent a request: a session that still counts, and its user as he is now.
package struct SignedIn: Sendable, Equatable {
    package let user: User
    package let session: Session
}
