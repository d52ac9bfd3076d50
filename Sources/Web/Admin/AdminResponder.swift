import Accounts
import HTTPTypes
import Hummingbird
import Logging
import MySQL
import NIOCore
import Redis
import Scheduler
import Transfer

/// Leads each request below `/admin` to its page: who sends it, whether he may, and what the page is to be.
package final class AdminResponder: Sendable {
    private let services: AdminServices
    private let signIn: SignInPages
    private let tasks: TaskPages
    private let deadLetters: DeadLetterPages
    private let quarantine: QuarantinePages
    private let queues: QueuePages
    private let cluster: ClusterPages
    private let destinations: DestinationPages
    private let users: UserPages
    private let schedules: SchedulePages
    private let keys: KeyPages
    private let audit: AuditPages
    private let overview: OverviewPage
    private let live: LiveEvents

    private static let forwardedScheme = HTTPField.Name("X-Forwarded-Proto")!
    private static let languageCookie = "schedulerd_language"
    private static let languageAge = 365 * 86_400

    package init(_ services: AdminServices) {
        self.services = services
        signIn = SignInPages(services: services)
        tasks = TaskPages(services: services)
        deadLetters = DeadLetterPages(services: services)
        quarantine = QuarantinePages(services: services)
        queues = QueuePages(services: services)
        cluster = ClusterPages(services: services)
        destinations = DestinationPages(services: services)
        users = UserPages(services: services)
        schedules = SchedulePages(services: services)
        keys = KeyPages(services: services)
        audit = AuditPages(services: services)
        overview = OverviewPage(services: services)
        live = LiveEvents(services: services, overview: overview)
    }

    static func isResponsible(for path: Substring) -> Bool {
        path == AdminRoute.root || path.hasPrefix(AdminRoute.root + "/")
    }

    func respond(to request: Request, context: WebContext) async -> Response {
        var response: Response
        if let asset = Asset(path: String(request.rawPath)) {
            response = asset.response
        } else {
            response = await answer(request, context)
        }
        SecurityHeaders.add(to: &response)
        return response
    }

    private func answer(_ request: Request, _ context: WebContext) async -> Response {
        var visit = visit(request, context)
        do {
            return response(try await reply(&visit), visit)
        } catch {
            return response(.page(failure(error, visit)), visit)
        }
    }

    private func visit(_ request: Request, _ context: WebContext) -> Visit {
        let trusted = services.live.server.trustedProxies
        let isProxied = context.peer.map { peer in trusted.contains { $0.contains(peer) } } ?? false
        let query = FormFields(request.rawQuery.utf8)
        let chosen = (query["language"] ?? request.headers.cookie(Self.languageCookie)).flatMap(
            Language.init(rawValue:))
        return Visit(
            request: request, language: chosen ?? Language(accepting: request.headers[.acceptLanguage]),
            client: ClientAddress.of(context.peer, request.headers, trusted: trusted),
            isSecure: isProxied && request.headers[Self.forwardedScheme]?.lowercased() == "https", query: query)
    }

    private func reply(_ visit: inout Visit) async throws -> Reply {
        let request = visit.request
        guard let route = AdminRoute(path: request.rawPath) else {
            throw Problem(.notFound, "there is nothing at this path")
        }
        let method = request.method == .head ? "GET" : request.method.rawValue
        guard let access = route.access(method) else {
            var problem = Problem(.methodNotAllowed, "accepted here: \(route.methods.joined(separator: ", "))")
            problem.allow = route.methods
            throw problem
        }
        try await identify(&visit)
        if method == "POST" { try await takeForm(&visit) }
        if case .signedIn(let role) = access {
            guard visit.signedIn != nil else { return signInFirst(visit, method) }
            guard visit.may(role) else { throw Problem(.forbidden, visit.texts("needs_role_\(role.rawValue)")) }
        }
        if method == "GET", route.mayBeBehind { return try await read(route, &visit) }
        return try await reply(to: route, method == "POST", visit)
    }

    /// A page from the replica, as far as that is there and has what it is to show.
    private func read(_ route: AdminRoute, _ visit: inout Visit) async throws -> Reply {
        visit.reading = await services.scheduler.readPlan(changedAt: visit.changedAt)
        if case .replica = visit.reading {
            do {
                let visit = visit
                return try await services.scheduler.onReplica { try await reply(to: route, false, visit) }
            } catch is ReplicaAway {
                visit.reading = await services.scheduler.readPlan(changedAt: visit.changedAt)
            } catch let error as SchedulerError where error.isAbsence {
                // It may only not be there yet.
                visit.reading = .primary(.noReplica)
            }
        }
        if case .nowhere = visit.reading { throw Problem(.unavailable, visit.texts("replica_away")) }
        return try await reply(to: route, false, visit)
    }

    /// Finds out who sends it.
    private func identify(_ visit: inout Visit) async throws {
        guard let id = visit.request.headers.cookie(services.live.session.name) else { return }
        visit.signedIn = try await services.sessions.signedIn(id, among: services.users)
        visit.sessionID = visit.signedIn == nil ? nil : id
    }

    /// Takes what was posted, when one of our own pages posted it.
    private func takeForm(_ visit: inout Visit) async throws {
        guard SameOrigin.isKept(by: visit.request) else {
            throw Problem(.forbidden, visit.texts("foreign_origin"))
        }
        let type = ContentType(visit.request.headers[.contentType] ?? "")
        guard type.name == "application/x-www-form-urlencoded" else {
            throw Problem(.unsupportedMediaType, field: "Content-Type", "must be application/x-www-form-urlencoded")
        }
        // Each byte may take three.
        let content = try await visit.request.content(limit: services.live.server.maxBodyBytes * 3 + 65_536)
        visit.form = FormFields(content)
        guard !visit.form.isBroken else {
            throw Problem(.malformed, field: "body", "the percent-encoding of the form is broken")
        }
        guard let session = visit.signedIn?.session else { return }
        guard session.accepts(csrfToken: visit.form["csrf"] ?? "") else {
            throw Problem(.forbidden, visit.texts("form_expired"))
        }
    }

    private func signInFirst(_ visit: Visit, _ method: String) -> Reply {
        var path = AdminRoute.root + "/sign-in"
        if method == "GET", visit.request.rawPath != AdminRoute.root[...] {
            let target = String(visit.request.head.path ?? "")
            if ReturnPath.checked(target) == target {
                path += "?next=" + QueryEscape.encode(target)
            }
        }
        return .redirect(path)
    }

    private func reply(to route: AdminRoute, _ isPost: Bool, _ visit: Visit) async throws -> Reply {
        switch route {
        case .overview: try await overview.show(visit)
        case .live: .response(live.stream(visit))
        case .signIn: isPost ? try await signIn.signIn(visit) : signIn.form(visit)
        case .signOut: try await signIn.signOut(visit)
        case .account:
            if isPost, let user = visit.signedIn?.user {
                try await signIn.changePassword(visit, of: user)
            } else {
                signIn.account(visit)
            }
        case .tasks: isPost ? try await tasks.create(visit) : try await tasks.list(visit)
        case .newTask: tasks.new(visit)
        case .task(let id): try await tasks.show(id, visit)
        case .editTask(let id): isPost ? try await tasks.save(id, visit) : try await tasks.edit(id, visit)
        case .steer(let id, let steering): try await tasks.steer(id, steering, visit)
        case .deadLetters: try await deadLetters.list(visit)
        case .retryDeadLetters: isPost ? try await deadLetters.retry(visit) : try await deadLetters.preview(visit)
        case .operation(let id): try await deadLetters.operation(id, visit)
        case .cancelOperation(let id): try await deadLetters.cancel(id, visit)
        case .quarantine: try await quarantine.list(visit)
        case .quarantined(let id): try await quarantine.show(id, visit)
        case .decide(let id, let decision): try await quarantine.decide(id, decision, visit)
        case .queues: isPost ? try await queues.add(visit) : try await queues.list(visit)
        case .queue(let name): isPost ? try await queues.save(name, visit) : try await queues.show(name, visit)
        case .setQueue(let name, let change): try await queues.change(name, change, visit)
        case .schedules: isPost ? try await schedules.add(visit) : try await schedules.list(visit)
        case .newSchedule: schedules.new(visit)
        case .schedule(let name): try await schedules.show(name, visit)
        case .steerSchedule(let name, let change): try await schedules.steer(name, change, visit)
        case .destinations: isPost ? try await destinations.add(visit) : try await destinations.list(visit)
        case .destination(let id):
            isPost ? try await destinations.save(id, visit) : try await destinations.show(id, visit)
        case .setDestination(let id, let change): try await destinations.change(id, change, visit)
        case .instances: try await cluster.instances(visit)
        case .users: isPost ? try await users.add(visit) : try await users.list(visit)
        case .newUser: users.new(visit)
        case .user(let id): isPost ? try await users.save(id, visit) : try await users.show(id, visit)
        case .changeUser(let id, let change): try await users.change(id, change, visit)
        case .keys: isPost ? try await keys.add(visit) : try await keys.list(visit)
        case .changeKey(let id, let change): try await keys.change(id, change, visit)
        case .audit: try await audit.list(visit)
        case .moved(let target): .response(Response(status: .movedPermanently, headers: [.location: target]))
        }
    }

    // MARK: Answers

    private func failure(_ error: any Error, _ visit: Visit) -> Page {
        let texts = visit.texts
        let problem: Problem
        if error is RedisError {
            services.logger.warning("the session store cannot be reached: \(error)")
            problem = Problem(.unavailable, texts("session_store_away"))
        } else if let error = error as? MySQLError, error.isTransient {
            services.logger.warning("a page could not be served: \(error)")
            problem = Problem(.unavailable, texts("database_away"))
        } else if error is PasswordError {
            problem = Problem(.unavailable, texts("passwords_busy"))
        } else if let known = Problem(error) {
            problem = known
        } else {
            services.logger.error(
                "page failed", metadata: ["path": "\(visit.request.rawPath)", "error": "\(error)"])
            problem = Problem(.internal, texts("internal_error"))
        }
        var page = Page("problem", texts("problem_\(problem.kind.rawValue)"), status: problem.kind.status)
        page.content["detail"] = problem.detail
        page.content["problems"] = problem.errors.map(ShownProblem.init)
        page.content["state"] = problem.state.map { texts("state_\($0.rawValue)") }
        page.retryAfter = problem.kind == .unavailable ? problem.retryAfter ?? 2 : nil
        page.allow = problem.allow
        page.closesConnection = problem.closesConnection
        return page
    }

    private func response(_ reply: Reply, _ visit: Visit) -> Response {
        var response: Response
        var cookies: [Cookie] = []
        switch reply {
        case .page(let page):
            response = Response(
                status: page.status,
                headers: [.contentType: "text/html; charset=utf-8", .contentLanguage: visit.language.rawValue],
                body: ResponseBody(byteBuffer: ByteBuffer(string: Layout.html(page, visit))))
            if let seconds = page.retryAfter { response.headers[.retryAfter] = "\(seconds)" }
            if !page.allow.isEmpty { response.headers[.allow] = page.allow.joined(separator: ", ") }
            if page.closesConnection { response.headers[.connection] = "close" }
            cookies = page.cookies
        case .redirect(let path, let set):
            response = Response(status: .seeOther, headers: [.location: path])
            cookies = set
        case .response(let made): response = made
        }
        // What was posted has been done by now, or may have been.
        if visit.request.method == .post, visit.signedIn != nil, let mark = services.scheduler.changeMark {
            cookies.append(Cookie(name: Visit.changeCookie, value: "\(mark.microseconds)"))
        }
        if let chosen = visit.query["language"].flatMap(Language.init(rawValue:)) {
            cookies.append(Cookie(name: Self.languageCookie, value: chosen.rawValue, age: Self.languageAge))
        }
        for cookie in cookies {
            response.headers.append(
                HTTPField(name: .setCookie, value: cookie.field(isSecure: visit.isSecure)))
        }
        return response
    }
}

extension SchedulerError {
    /// What was asked for is not there.
    fileprivate var isAbsence: Bool {
        switch self {
        case .notFound, .unknownQueue, .unknownOperation: true
        default: false
        }
    }
}
