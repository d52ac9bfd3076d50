package import MySQL

/// What a key lets its holder do.
package enum KeyScope: String, Sendable, CaseIterable {
    /// Make tasks and steer them.
    case tasksWrite = "tasks:write"
    /// Look at tasks, sources and the quarantine.
    case tasksRead = "tasks:read"
    /// Everything.
    case admin
}

/// A key of the API as the table holds it: nothing that lets anybody in.
package struct APIKey: Sendable, Equatable {
    package let id: Int
    package let name: String
    /// The first characters of the key, to tell it by.
    package let prefix: String
    package let scopes: Set<KeyScope>
    /// The only queues it is for; nil: all of them.
    package let queues: Set<String>?
    /// Requests that each instance takes in a second; nil: any number.
    package let requestsPerSecond: Int?
    package let createdAt: Timestamp
    /// Who made it, as the audit log calls him.
    package let createdBy: String
    /// nil: never.
    package let expiresAt: Timestamp?
    /// To the minute; nil: never.
    package let lastUsedAt: Timestamp?
    /// nil: it is good.
    package let disabledAt: Timestamp?
    /// SHA-256 of the whole key.
    let digest: [UInt8]

    package func isGood(at now: Timestamp) -> Bool {
        disabledAt == nil && expiresAt.map { now < $0 } ?? true
    }

    package func has(_ scope: KeyScope) -> Bool {
        scopes.contains(scope) || scopes.contains(.admin)
    }

    /// All but the secret.
    package var auditState: AuditState {
        AuditState([
            "name": name, "prefix": prefix, "scopes": KeyScope.text(scopes),
            "queues": queues.map { $0.sorted().joined(separator: ",") } ?? "all",
            "requests_per_second": requestsPerSecond.map(String.init) ?? "any",
            "status": disabledAt == nil ? "enabled" : "disabled",
        ])
    }
}

extension KeyScope {
    /// In the order of the cases, with commas.
    package static func text(_ scopes: Set<KeyScope>) -> String {
        allCases.filter(scopes.contains).map(\.rawValue).joined(separator: ",")
    }
}

/// Why nothing was done to a key.
package enum APIKeyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A field, and what is accepted there.
    case invalid(String, String)
    case nameTaken(String)
    case unknown(String)
    case tooMany

    package var description: String {
        switch self {
        case .invalid(let field, let detail): "\(field): \(detail)"
        case .nameTaken(let name): "there is a key \(name) already"
        case .unknown(let name): "there is no key \(name)"
        case .tooMany: "there are \(APIKeyStore.most) keys, which is the most; delete one first"
        }
    }
}
