package import Accounts
import HTTPTypes
import Hummingbird
import MySQL
package import Scheduler

/// Answers requests under `/v1/api-keys`.
struct KeyHandler: Sendable {
    let store: APIKeyStore
    let ring: KeyRing

    func list(_ request: Request) async throws -> Response {
        let query = try NameListQuery(request.rawQuery.utf8)
        let page = try await ListPage(limit: query.limit) { most in
            try await reading { try await store.keys(after: query.cursor, limit: most) }
        }
        var writer = JSONWriter(capacity: 64 + page.entries.count * 400)
        writer.object { writer in
            writer.array("api_keys") { writer in
                for key in page.entries { key.write(to: &writer) }
            }
            writer.member("next_cursor", page.last?.name)
        }
        return .json(writer)
    }

    func get(_ id: Int, _ request: Request) async throws -> Response {
        _ = try QueryParameters(request.rawQuery.utf8, accepts: [])
        return answer(try await found(id))
    }

    /// - Returns: the key, and its answer, which alone holds the secret.
    func add(_ document: JSONValue, by creator: String) async throws -> (key: APIKey, response: Response) {
        let new = try NewAPIKey(document)
        do {
            let (key, secret) = try await reading { try await store.add(new, by: creator) }
            ring.expire()
            var response = answer(key, .created, secret: secret)
            response.headers[.location] = "/v1/api-keys/\(key.id)"
            response.headers[.cacheControl] = "no-store"
            return (key, response)
        } catch let error as APIKeyError {
            throw Problem(error)
        }
    }

    func disable(_ id: Int) async throws -> (before: APIKey, after: APIKey, response: Response) {
        let before = try await found(id)
        try await reading { try await store.disable(id: id) }
        ring.expire()
        let after = try await found(id)
        return (before, after, answer(after))
    }

    func delete(_ id: Int) async throws -> APIKey {
        let before = try await found(id)
        try await reading { try await store.delete(id: id) }
        ring.expire()
        return before
    }

    private func found(_ id: Int) async throws -> APIKey {
        guard let key = try await reading({ try await store.key(id: id) }) else {
            throw Problem(.notFound, "there is no API key with the number \(id)")
        }
        return key
    }

    /// What the database says is wrong, in the API's words.
    private func reading<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch APIKeyError.unknown(let id) {
            throw Problem(.notFound, "there is no API key with the number \(id)")
        } catch let error as MySQLError where error.isTransient {
            throw SchedulerError.unavailable(
                "the database cannot be reached: \(error.message)", retryAfter: .seconds(2))
        }
    }

    private func answer(_ key: APIKey, _ status: HTTPResponse.Status = .ok, secret: APIKeySecret? = nil) -> Response {
        var writer = JSONWriter()
        key.write(to: &writer, secret: secret)
        return .json(writer, status)
    }
}

extension Problem {
    fileprivate init(_ error: APIKeyError) {
        switch error {
        case .invalid(let field, let detail): self.init(.validation, field: field, detail)
        case .nameTaken, .tooMany: self.init(.conflict, error.description)
        case .unknown: self.init(.notFound, error.description)
        }
    }
}

extension APIKey {
    /// - Parameter secret: shown this once.
    package func write(to writer: inout JSONWriter, secret: APIKeySecret? = nil) {
        writer.object { writer in
            writer.member("id", id)
            writer.member("name", name)
            if let secret { writer.member("key", secret.text) }
            writer.member("prefix", prefix)
            writer.array("scopes") { writer in
                for scope in KeyScope.allCases where scopes.contains(scope) { writer.string(scope.rawValue) }
            }
            if let queues {
                writer.array("queues") { writer in
                    for queue in queues.sorted() { writer.string(queue) }
                }
            } else {
                writer.member("queues", JSONValue.null)
            }
            writer.member("requests_per_second", requestsPerSecond)
            writer.member("created_at", createdAt.rfc3339)
            writer.member("created_by", createdBy)
            writer.member("expires_at", expiresAt?.rfc3339)
            writer.member("last_used_at", lastUsedAt?.rfc3339)
            writer.member("disabled_at", disabledAt?.rfc3339)
        }
    }
}

extension NewAPIKey {
    /// Reads the document of `POST /v1/api-keys`.
    fileprivate init(_ document: JSONValue) throws(Problem) {
        var faults = FieldFaults()
        var name = ""
        var scopes: Set<KeyScope> = []
        var queues: Set<String>?
        var rate: Int?
        var expiry: Timestamp?
        let fields = ["name", "scopes", "queues", "requests_per_second", "expires_at"]
        if let reader = FieldReader(document, at: "", accepts: fields, &faults) {
            for field in ["name", "scopes"] where reader.value(field) == nil {
                faults.malformed.append(FieldProblem(field, "is missing"))
            }
            name = reader.string("name", &faults) ?? ""
            for (index, text) in (reader.texts("scopes", &faults) ?? []).enumerated() {
                if let scope = KeyScope(rawValue: text) {
                    scopes.insert(scope)
                } else {
                    faults.refused.append(
                        FieldProblem(
                            "scopes[\(index)]", "must be one of \(KeyScope.text(Set(KeyScope.allCases)))"))
                }
            }
            if reader.value("queues") != .null { queues = reader.texts("queues", &faults).map(Set.init) }
            if reader.value("requests_per_second") != .null { rate = reader.integer("requests_per_second", &faults) }
            if reader.value("expires_at") != .null { expiry = reader.time("expires_at", &faults) }
        }
        if let problem = faults.problem { throw problem }
        self.init(name: name, scopes: scopes)
        self.queues = queues
        requestsPerSecond = rate
        expiresAt = expiry
    }
}

extension FieldReader {
    /// An array of strings.
    func texts(_ name: String, _ faults: inout FieldFaults) -> [String]? {
        elements(name, of: "strings", &faults) { element, field, faults in
            if case .string(let text) = element { return text }
            faults.malformed.append(FieldProblem(field, "must be a string, not \(element.kind)"))
            return nil
        }
    }
}
