import Accounts
import ArgumentParser
import Web

struct KeyDisableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "Let a key in no more.",
        discussion: """
            Running instances refuse it after \(KeyRing.maxAge.components.seconds) seconds at most.

            Example:
              schedulerd key disable shop --config schedulerd.yaml
            """)

    @OptionGroup var file: ConfigurationFile
    @Argument(help: "The key's name.") var name: String
    @Flag(help: "Print the key as JSON.") var json = false

    func run() async throws {
        try await file.withKeys { store, log in
            let before = try await store.named(name)
            try await store.disable(id: before.id)
            let after = try await store.named(name)
            try await log.record(
                AuditEvent(
                    .keyDisable, actor: UnixUser.actor, subject: before.name, before: before.auditState,
                    after: after.auditState))
            print(json ? KeyPrinter.json(after) : "\(before.name) is disabled")
        }
    }
}

struct KeyDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Remove a key for good.",
        discussion: """
            What was done with it stays in the audit log.

            Example:
              schedulerd key delete shop --config schedulerd.yaml
            """)

    @OptionGroup var file: ConfigurationFile
    @Argument(help: "The key's name.") var name: String
    @Flag(help: "Print the key as JSON.") var json = false

    func run() async throws {
        try await file.withKeys { store, log in
            let key = try await store.named(name)
            try await store.delete(id: key.id)
            try await log.record(
                AuditEvent(.keyDelete, actor: UnixUser.actor, subject: key.name, before: key.auditState))
            print(json ? KeyPrinter.json(key) : "\(key.name) is removed")
        }
    }
}
