import Accounts
import HTTPTypes
import MySQL
import Scheduler

/// Keys of the API: seen, made and ended by administrators.
struct KeyPages: Sendable {
    let services: AdminServices

    private static let path = AdminRoute.root + "/keys"

    func list(_ visit: Visit) async throws -> Reply {
        .page(try await page(visit))
    }

    /// The page that answers holds the key, which is shown nowhere else.
    func add(_ visit: Visit) async throws -> Reply {
        var problems: [FieldProblem] = []
        var new = NewAPIKey(
            name: visit.form["name"] ?? "",
            scopes: Set(KeyScope.allCases.filter { visit.form["scope_\(Self.field($0))"] != nil }))
        let queues = (visit.form["queues"] ?? "").split { $0 == "," || $0.isWhitespace }.map(String.init)
        if !queues.isEmpty { new.queues = Set(queues) }
        if let text = visit.form["requests_per_second"], !text.isEmpty {
            new.requestsPerSecond = Int(text)
            if new.requestsPerSecond == nil {
                problems.append(FieldProblem("requests_per_second", "must be a whole number"))
            }
        }
        if let text = visit.form["expires_at"], !text.isEmpty {
            do {
                new.expiresAt = try Timestamp(apiText: text)
            } catch {
                problems.append(FieldProblem("expires_at", error.detail))
            }
        }
        guard problems.isEmpty else { return .page(try await page(visit, new, problems)) }
        do {
            let user = visit.signedIn?.user.profile.name ?? ""
            let (key, secret) = try await services.keys.add(new, by: user)
            services.keyRing.expire()
            await services.note(.keyAdd, on: key.name, visit, nil, key.auditState)
            var page = try await page(visit)
            page.content["secret"] = secret.text
            page.content["added"] = key.name
            return .page(page)
        } catch let error as APIKeyError {
            return .page(try await page(visit, new, [Self.problem(error)]))
        }
    }

    func change(_ id: Int, _ change: AdminRoute.KeyChange, _ visit: Visit) async throws -> Reply {
        guard let key = try await services.keys.key(id: id) else {
            throw Problem(.notFound, "there is no API key with the number \(id)")
        }
        switch change {
        case .disable:
            try await services.keys.disable(id: id)
            let after = try await services.keys.key(id: id)
            await services.note(.keyDisable, on: key.name, visit, key.auditState, after?.auditState)
        case .delete:
            try await services.keys.delete(id: id)
            await services.note(.keyDelete, on: key.name, visit, key.auditState, nil)
        }
        services.keyRing.expire()
        return .redirect(Self.path, change == .disable ? .keyDisabled : .keyDeleted)
    }

    private func page(
        _ visit: Visit, _ typed: NewAPIKey = NewAPIKey(name: "", scopes: [.tasksWrite, .tasksRead]),
        _ problems: [FieldProblem] = []
    ) async throws -> Page {
        let texts = visit.texts
        var page = Page("keys", texts("keys"), .keys, status: problems.isEmpty ? .ok : .unprocessableContent)
        page.content["rows"] = try await services.keys.all().map { KeyRow($0, texts) }
        page.content["problems"] = problems.map(ShownProblem.init)
        page.content["name"] = typed.name
        page.content["queues"] = typed.queues?.sorted().joined(separator: ", ") ?? ""
        page.content["rate"] = typed.requestsPerSecond.map(String.init) ?? ""
        page.content["expiry"] = typed.expiresAt?.rfc3339 ?? ""
        page.content["scopes"] = KeyScope.allCases.map {
            FormChoice(Self.field($0), texts("scope_\(Self.field($0))"), isChosen: typed.scopes.contains($0))
        }
        page.content["isOpen"] = services.live.api.authentication == .none
        return page
    }

    static func field(_ scope: KeyScope) -> String {
        scope.rawValue.replacing(":", with: "_")
    }

    private static func problem(_ error: APIKeyError) -> FieldProblem {
        switch error {
        case .invalid(let field, let detail): FieldProblem(field, detail)
        case .nameTaken, .unknown, .tooMany: FieldProblem("name", error.description)
        }
    }
}

/// A key in the list.
struct KeyRow {
    let id: Int
    let name: String
    let prefix: String
    let scopes: String
    let queues: String
    let rate: String
    let creator: String
    let created: ShownTime
    let expiry: ShownTime?
    let lastUse: ShownTime?
    let isDisabled: Bool

    init(_ key: APIKey, _ texts: Texts) {
        id = key.id
        name = key.name
        prefix = key.prefix
        scopes = KeyScope.allCases.filter(key.scopes.contains).map { texts("scope_\(KeyPages.field($0))") }
            .joined(separator: ", ")
        queues = key.queues?.sorted().joined(separator: ", ") ?? ""
        rate = key.requestsPerSecond.map(texts.number) ?? ""
        creator = key.createdBy
        created = ShownTime(key.createdAt)
        expiry = key.expiresAt.map { ShownTime($0) }
        lastUse = key.lastUsedAt.map { ShownTime($0) }
        isDisabled = key.disabledAt != nil
    }
}
