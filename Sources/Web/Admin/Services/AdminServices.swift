package import Accounts
import HTTPTypes
import HummingbirdCore
package import Logging
import MySQL
package import Scheduler
import Transfer

/// What the administration pages stand on.
package struct AdminServices: Sendable {
    let scheduler: SchedulerService
    let live: LiveConfiguration
    let users: UserStore
    let passwords: Passwords
    let sessions: SessionStore
    let throttle: SignInThrottle
    let audit: AuditLog
    let keys: APIKeyStore
    let keyRing: KeyRing
    let logger: Logger
    /// What the overview shows, the same for all who look at the same place.
    let overview: SourcedAnswer<OverviewFigures>

    package init(
        scheduler: SchedulerService, live: LiveConfiguration, users: UserStore, passwords: Passwords,
        sessions: SessionStore, throttle: SignInThrottle, audit: AuditLog, keys: APIKeyStore,
        keyRing: KeyRing, logger: Logger
    ) {
        self.scheduler = scheduler
        self.live = live
        self.users = users
        self.passwords = passwords
        self.sessions = sessions
        self.throttle = throttle
        self.audit = audit
        self.keys = keys
        self.keyRing = keyRing
        self.logger = logger
        overview = SourcedAnswer {
            let instances = try await scheduler.instances()
            return OverviewFigures(
                overview: try await scheduler.overview(),
                queues: try await ListPage(limit: Self.queuesShown) {
                    try await scheduler.queuesWithoutCalls(limit: $0)
                },
                instances: instances.instances,
                pausedDestinations: try await scheduler.destinationsPausedForFailing(limit: 20))
        }
    }

    /// On the overview; their own page has all.
    private static let queuesShown = 100

    /// Writes down who did what. It is done by now: when this cannot be kept in the database, the log has it.
    func note(
        _ action: AuditAction, on subject: String, _ visit: Visit, _ before: AuditState? = nil,
        _ after: AuditState? = nil, as user: User? = nil
    ) async {
        let user = user ?? visit.signedIn?.user
        var event = AuditEvent(
            action, actor: user?.profile.name ?? "", userID: user?.id, subject: subject, before: before, after: after)
        event.address = visit.client?.description ?? ""
        event.userAgent = visit.userAgent
        do {
            try await audit.record(event)
        } catch {
            logger.error(
                "an audit event could not be recorded: \(error)",
                metadata: [
                    "actor": "\(event.actor)", "action": "\(action.rawValue)", "subject": "\(subject)",
                    "before": "\(before?.json ?? "")", "after": "\(after?.json ?? "")",
                ])
        }
    }

    /// Scheme and authority under which the client reaches this server.
    func server(of visit: Visit) -> String {
        "\(visit.isSecure ? "https" : "http")://\(visit.request.head.authority ?? "localhost")"
    }
}
