import Accounts
import ArgumentParser
import MySQL
import Scheduler
import ThreadPool
import Web

struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Make, list and end the keys of the HTTP API.",
        discussion: """
            A key is shown once, when it is made. Running instances know a new one at once, and one that was disabled or
            deleted is refused after \(KeyRing.maxAge.components.seconds) seconds at most.

            Examples:
              schedulerd key add shop --scopes tasks:write,tasks:read --config schedulerd.yaml
              schedulerd key list --config schedulerd.yaml
              schedulerd key disable shop --config schedulerd.yaml
            """,
        subcommands: [KeyAddCommand.self, KeyListCommand.self, KeyDisableCommand.self, KeyDeleteCommand.self])
}

extension ConfigurationFile {
    /// Runs `body` with the configured database's keys, and the log of what is done to them.
    /// - Throws: an exit, after what went wrong was printed.
    func withKeys(_ body: (APIKeyStore, AuditLog) async throws -> Void) async throws {
        try await withDatabase { pool, prefix in
            try await body(APIKeyStore(pool, prefix: prefix), AuditLog(pool, prefix: prefix))
        }
    }
}

extension APIKeyStore {
    /// - Throws: `APIKeyError.unknown`.
    func named(_ name: String) async throws -> APIKey {
        guard let key = try await key(name) else { throw APIKeyError.unknown(name) }
        return key
    }
}

enum KeyPrinter {
    static func line(_ key: APIKey, now: Timestamp) -> String {
        let status = key.disabledAt != nil ? "disabled" : key.isGood(at: now) ? "enabled" : "expired"
        var fields = [key.name, key.prefix + "…", KeyScope.text(key.scopes), status]
        if let queues = key.queues { fields.append("queues \(queues.sorted().joined(separator: ","))") }
        if let rate = key.requestsPerSecond { fields.append("\(rate)/s") }
        fields.append("by \(key.createdBy) at \(key.createdAt.rfc3339)")
        if let expiry = key.expiresAt { fields.append("until \(expiry.rfc3339)") }
        fields.append(key.lastUsedAt.map { "last used \($0.rfc3339)" } ?? "never used")
        return fields.joined(separator: "  ")
    }

    static func json(_ key: APIKey, secret: APIKeySecret? = nil) -> String {
        var writer = JSONWriter()
        key.write(to: &writer, secret: secret)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
