import Accounts
import HTTPTypes
import Hummingbird
import MySQL
import Scheduler

/// Who may use the pages: seen and changed by administrators.
struct UserPages: Sendable {
    let services: AdminServices

    private static let path = AdminRoute.root + "/users"

    func list(_ visit: Visit) async throws -> Reply {
        let texts = visit.texts
        var page = Page("users", texts("users"), .users)
        page.content["rows"] = try await services.users.all().map { UserRow($0, texts) }
        return .page(page)
    }

    func new(_ visit: Visit) -> Reply {
        .page(form(UserProfile(name: "", role: .viewer), nil, visit))
    }

    func add(_ visit: Visit) async throws -> Reply {
        let profile = profile(visit.form["name"] ?? "", visit)
        do {
            try profile.check()
            let password = try NewPassword(visit.form["password"] ?? "")
            try await services.users.add(profile, services.passwords.hash(password))
        } catch let error as UserError {
            return .page(form(profile, nil, visit, error.description))
        }
        let added = try await services.users.user(profile.name)
        await services.note(.userAdd, on: profile.name, visit, nil, added?.auditState)
        return .redirect(Self.path, .userAdded)
    }

    func show(_ id: Int, _ visit: Visit) async throws -> Reply {
        let user = try await found(id)
        return .page(form(user.profile, user, visit))
    }

    func save(_ id: Int, _ visit: Visit) async throws -> Reply {
        let user = try await found(id)
        let profile = profile(user.profile.name, visit)
        do {
            try await services.users.update(profile)
        } catch let error as UserError {
            return .page(form(profile, user, visit, error.description))
        }
        let changed = try await services.users.user(id: id)
        await services.note(.userEdit, on: user.profile.name, visit, user.auditState, changed?.auditState)
        return .redirect("\(Self.path)/\(id)", .userChanged)
    }

    func change(_ id: Int, _ change: AdminRoute.UserChange, _ visit: Visit) async throws -> Reply {
        let user = try await found(id)
        let name = user.profile.name
        do {
            switch change {
            case .password:
                let password = try NewPassword(visit.form["password"] ?? "")
                try await services.users.setPassword(of: name, services.passwords.hash(password))
                try await services.sessions.deleteAll(of: id)
                await services.note(.userPassword, on: name, visit)
                return .redirect("\(Self.path)/\(id)", .passwordChanged)
            case .disable:
                try await services.users.disable(name)
                try await services.sessions.deleteAll(of: id)
                await services.note(.userDisable, on: name, visit)
                return .redirect("\(Self.path)/\(id)", .userChanged)
            case .enable:
                try await services.users.enable(name)
                await services.note(.userEnable, on: name, visit)
                return .redirect("\(Self.path)/\(id)", .userChanged)
            case .delete:
                try await services.users.delete(name)
                try await services.sessions.deleteAll(of: id)
                await services.note(.userDelete, on: name, visit, user.auditState, nil)
                return .redirect(Self.path, .userDeleted)
            }
        } catch let error as UserError {
            return .page(form(user.profile, user, visit, error.description))
        }
    }

    private func found(_ id: Int) async throws -> User {
        guard let user = try await services.users.user(id: id) else {
            throw Problem(.notFound, "there is no user with the number \(id)")
        }
        return user
    }

    private func profile(_ name: String, _ visit: Visit) -> UserProfile {
        let role = visit.form["role"].flatMap { Role(rawValue: $0) } ?? .viewer
        var profile = UserProfile(name: name, role: role)
        profile.email = visit.form["email"] ?? ""
        profile.realName = visit.form["real_name"] ?? ""
        profile.telephone = visit.form["telephone"] ?? ""
        return profile
    }

    private func form(_ profile: UserProfile, _ user: User?, _ visit: Visit, _ problem: String? = nil) -> Page {
        let texts = visit.texts
        var page = Page(
            "user", user.map { $0.profile.name } ?? texts("new_user"), .users,
            status: problem == nil ? .ok : .unprocessableContent)
        page.content["profile"] = profile
        page.content["user"] = user.map { UserRow($0, texts) }
        page.content["isNew"] = user == nil
        page.content["problem"] = problem
        page.content["roles"] = Role.allCases.map {
            FormChoice($0.rawValue, texts("role_\($0.rawValue)"), isChosen: $0 == profile.role)
        }
        return page
    }
}

/// A user in the list.
struct UserRow {
    let id: Int
    let name: String
    let role: String
    let email: String
    let realName: String
    let created: ShownTime
    let isDisabled: Bool

    init(_ user: User, _ texts: Texts) {
        id = user.id
        name = user.profile.name
        role = texts("role_\(user.profile.role.rawValue)")
        email = user.profile.email
        realName = user.profile.realName
        created = ShownTime(user.createdAt)
        isDisabled = user.disabledAt != nil
    }
}
