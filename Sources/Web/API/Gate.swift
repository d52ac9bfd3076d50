package import Accounts
import HTTPTypes
import Hummingbird
package import Logging
package import Scheduler
import Transfer

/// Lets requests to the API in: finds out who sends them, and whether he may.
package struct Gate: Sendable {
    private let keys: KeyRing
    private let store: APIKeyStore
    private let record: @Sendable (AuditEvent) async throws -> Void
    private let live: LiveConfiguration
    private let logger: Logger

    private static let forwarding = ["X-Forwarded-For", "X-Real-IP", "Forwarded"].map { HTTPField.Name($0)! }

    /// - Parameter record: keeps an event of the audit log.
    package init(
        keys: KeyRing, store: APIKeyStore, live: LiveConfiguration, logger: Logger,
        record: @escaping @Sendable (AuditEvent) async throws -> Void
    ) {
        self.keys = keys
        self.store = store
        self.record = record
        self.live = live
        self.logger = logger
    }

    /// - Throws: `Problem`: 401 without a good key, 403 with one that does not allow it, 429 above its limit.
    func admit(_ request: Request, to endpoint: Endpoint) async throws -> Caller {
        let method = request.method.rawValue
        guard case .scope(let scope) = endpoint.access(method), live.api.authentication == .keys else {
            return .anybody
        }
        let key = try await key(request.bearer)
        guard key.has(scope) else { throw Problem.insufficient(scope) }
        guard key.queues == nil || endpoint.keepsToQueues else {
            throw Problem(.forbidden, "this key is for some queues only, and this is not about tasks of one queue")
        }
        return Caller(key)
    }

    /// Who sends the old form: somebody in a configured network, or the holder of a key.
    /// - Parameter field: the key in the form.
    func admitLegacy(_ request: Request, _ context: WebContext, key field: String?) async throws -> Caller {
        if field == nil, request.headers[.authorization] == nil {
            try checkNetwork(request, context)
            return .anybody
        }
        let key = try await key(field ?? request.bearer)
        guard key.has(.tasksWrite) else { throw Problem.insufficient(.tasksWrite) }
        return Caller(key)
    }

    private func key(_ text: String?) async throws -> APIKey {
        guard let text else { throw Problem.unauthorized(wasGiven: false) }
        // The same for all that do not let in, whatever the reason is.
        guard let secret = APIKeySecret(text), let key = try await keys.key(secret) else {
            throw Problem.unauthorized(wasGiven: true)
        }
        if let delay = keys.delay(key) {
            var problem = Problem(.tooManyRequests, "this key allows \(key.requestsPerSecond ?? 0) requests a second")
            problem.retryAfter = max(1, Int(delay.components.seconds) + (delay.components.attoseconds > 0 ? 1 : 0))
            throw problem
        }
        return key
    }

    /// Who comes through a proxy that is not trusted may be anybody.
    private func checkNetwork(_ request: Request, _ context: WebContext) throws(Problem) {
        let trusted = live.server.trustedProxies
        let isProxied = Self.forwarding.contains { request.headers[$0] != nil }
        if isProxied, let peer = context.peer, !trusted.contains(where: { $0.contains(peer) }) {
            throw Problem(
                .forbidden, "this came through a proxy at \(peer), which is not in server.trusted_proxies; add it there"
            )
        }
        let client = ClientAddress.of(context.peer, request.headers, trusted: trusted)
        guard let client, live.legacy.networks.contains(where: { $0.contains(client) }) else {
            throw Problem(
                .forbidden, "this address is in none of legacy.networks; send a key, or have the address added there")
        }
    }

    // MARK: Keys

    var handler: KeyHandler { KeyHandler(store: store, ring: keys) }

    /// Writes down who did what through the API. It is done by now: when this cannot be kept in the database, the log has
    /// it.
    func note(
        _ action: AuditAction, on subject: String, by caller: Caller, _ request: Request, _ context: WebContext,
        _ before: AuditState? = nil, _ after: AuditState? = nil
    ) async {
        var event = AuditEvent(action, actor: caller.name, subject: subject, before: before, after: after)
        let client = ClientAddress.of(context.peer, request.headers, trusted: live.server.trustedProxies)
        event.address = client?.description ?? ""
        event.userAgent = request.headers[.userAgent] ?? ""
        do {
            try await record(event)
        } catch {
            logger.error(
                "an audit event could not be recorded: \(error)",
                metadata: [
                    "actor": "\(event.actor)", "action": "\(action.rawValue)", "subject": "\(subject)",
                    "before": "\(before?.json ?? "")", "after": "\(after?.json ?? "")",
                ])
        }
    }
}

extension Request {
    /// What follows `Bearer` in the one header `Authorization`.
    fileprivate var bearer: String? {
        let fields = headers[values: .authorization]
        guard fields.count == 1 else { return nil }
        let parts = fields[0].split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1].drop { $0 == " " })
    }
}

extension Problem {
    /// RFC 6750, section 3.
    fileprivate static func unauthorized(wasGiven: Bool) -> Problem {
        var problem = Problem(
            .unauthorized,
            wasGiven
                ? "this API key is not valid"
                : "an API key is needed: Authorization: Bearer …; schedulerd key add makes one")
        problem.challenge = #"Bearer realm="schedulerd""# + (wasGiven ? #", error="invalid_token""# : "")
        return problem
    }

    fileprivate static func insufficient(_ scope: KeyScope) -> Problem {
        var problem = Problem(.forbidden, "this needs a key with the scope \(scope.rawValue)")
        problem.challenge = #"Bearer realm="schedulerd", error="insufficient_scope", scope="\#(scope.rawValue)""#
        return problem
    }
}
