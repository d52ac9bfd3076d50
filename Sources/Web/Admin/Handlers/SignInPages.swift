import Accounts
import HTTPTypes
import Hummingbird
import MySQL
import Scheduler
import Transfer

/// Signing in and out, and one's own password.
struct SignInPages: Sendable {
    let services: AdminServices
    /// Whoever is told to wait may ask again at any rate; the audit log must not grow with it.
    private let throttled = Occasion(every: .seconds(10))

    init(services: AdminServices) {
        self.services = services
    }

    private var cookieName: String { services.live.session.name }
    /// Holds the token of the form by which somebody signs in, who has no session yet.
    private var formCookie: String { cookieName + "_form" }
    /// By which a browser is known that its user has signed in with before.
    private var deviceCookie: String { cookieName + "_device" }
    private static let deviceAge = 90 * 86_400

    func form(_ visit: Visit) -> Reply {
        page(visit, nil, name: "")
    }

    private func page(
        _ visit: Visit, _ problem: String?, name: String, status: HTTPResponse.Status = .ok, retryAfter: Int? = nil
    ) -> Reply {
        // The same for all forms that a browser shows at a time.
        let token = visit.request.headers.cookie(formCookie).flatMap { SecretToken($0) } ?? .random()
        var page = Page("sign_in", visit.texts("sign_in"), status: status)
        page.content["name"] = name
        page.content["problem"] = problem
        page.content["token"] = token.text
        page.content["next"] = ReturnPath.checked(visit.form["next"] ?? visit.query["next"])
        page.cookies = [Cookie(name: formCookie, value: token.text, site: .strict)]
        page.retryAfter = retryAfter
        return .page(page)
    }

    func signIn(_ visit: Visit) async throws -> Reply {
        let texts = visit.texts
        let name = String((visit.form["name"] ?? "").prefix(100))
        guard let token = visit.form["token"], !token.isEmpty, token == visit.request.headers.cookie(formCookie) else {
            return page(visit, texts("form_expired"), name: name, status: .forbidden)
        }
        let attempt: SignInAttempt
        switch try await admission(name, visit) {
        case .wait(let seconds):
            if throttled.arises() { await services.note(.signInThrottled, on: name, visit) }
            return page(
                visit, texts("too_many_attempts", ["seconds": "\(seconds)"]), name: name, status: .tooManyRequests,
                retryAfter: seconds)
        case .allowed(let allowed): attempt = allowed
        }
        let password = visit.form["password"] ?? ""
        guard let found = try await compared(attempt, name, password) else {
            await services.note(.signInFailed, on: name, visit)
            return page(visit, texts("wrong_password"), name: name, status: .unauthorized)
        }
        let user = found.user
        if found.isOutdated {
            try await services.users.replaceHash(of: user, services.passwords.hash(proven: password))
        }
        if let old = visit.sessionID { try await services.sessions.delete(old) }
        let device = try await services.throttle.succeeded(attempt)
        let (id, _) = try await services.sessions.create(for: user)
        await services.note(.signIn, on: user.profile.name, visit, as: user)
        return .redirect(
            ReturnPath.checked(visit.form["next"]),
            cookies: [
                Cookie(name: cookieName, value: id),
                Cookie(name: deviceCookie, value: device, age: Self.deviceAge, site: .strict),
                Cookie(name: formCookie, value: "", site: .strict),
            ])
    }

    private func admission(_ name: String, _ visit: Visit) async throws -> SignInAdmission {
        try await services.throttle.check(
            account: name, address: visit.client?.description ?? "",
            device: visit.request.headers.cookie(deviceCookie))
    }

    /// An attempt in which no password was compared does not count.
    private func compared(
        _ attempt: SignInAttempt, _ name: String, _ password: String
    ) async throws -> (user: User, isOutdated: Bool)? {
        do {
            return try await services.users.signIn(name, password, services.passwords)
        } catch {
            try await services.throttle.abandoned(attempt)
            throw error
        }
    }

    func signOut(_ visit: Visit) async throws -> Reply {
        if let id = visit.sessionID { try await services.sessions.delete(id) }
        await services.note(.signOut, on: visit.signedIn?.user.profile.name ?? "", visit)
        return .redirect(
            "\(AdminRoute.root)/sign-in?notice=\(Notice.signedOut.rawValue)",
            cookies: [Cookie(name: cookieName, value: "")])
    }

    // MARK: One's own account

    func account(_ visit: Visit) -> Reply {
        .page(Page("account", visit.texts("account")))
    }

    func changePassword(_ visit: Visit, of user: User) async throws -> Reply {
        let texts = visit.texts
        func refused(_ problem: String) -> Reply {
            var page = Page("account", texts("account"), status: .unprocessableContent)
            page.content["problem"] = problem
            return .page(page)
        }
        let name = user.profile.name
        let attempt: SignInAttempt
        switch try await admission(name, visit) {
        case .wait(let seconds): return refused(texts("too_many_attempts", ["seconds": "\(seconds)"]))
        case .allowed(let allowed): attempt = allowed
        }
        guard try await compared(attempt, name, visit.form["old_password"] ?? "") != nil else {
            return refused(texts("wrong_old_password"))
        }
        _ = try await services.throttle.succeeded(attempt)
        guard visit.form["new_password"] == visit.form["new_password_again"] else {
            return refused(texts("passwords_differ"))
        }
        let password: NewPassword
        do {
            password = try NewPassword(visit.form["new_password"] ?? "")
        } catch {
            return refused(error.description)
        }
        try await services.users.setPassword(of: name, services.passwords.hash(password))
        try await services.sessions.deleteAll(of: user.id)
        await services.note(.userPassword, on: name, visit)
        // All sessions have ended, this one too; it goes on under another id.
        guard let user = try await services.users.user(name) else { return .redirect(AdminRoute.root) }
        let (id, _) = try await services.sessions.create(for: user)
        return .redirect(
            "\(AdminRoute.root)/account?notice=\(Notice.passwordChanged.rawValue)",
            cookies: [Cookie(name: cookieName, value: id)])
    }
}
