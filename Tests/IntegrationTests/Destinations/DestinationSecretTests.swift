import Digests
import MySQL
import TestSupport
import Testing

@testable import Scheduler

/// Secrets of destinations in the database: two at once, encrypted, shown once.
@Suite struct DestinationSecretTests {
    private static func seal(_ byte: UInt8) -> Seal { Seal(key: [UInt8](repeating: byte, count: Seal.keySize))! }

    /// What a call without a body must carry, by these secrets.
    private static func signature(_ request: TestServer.Request, _ secrets: [String], _ url: String) throws -> String? {
        guard let id = request.header("webhook-id").flatMap({ TaskID($0) }),
            let seconds = request.header("webhook-timestamp").flatMap({ Int64($0) })
        else { return "it is not signed" }
        return WebhookSigner(try secrets.map { try WebhookSecret($0) })?.headers(
            id: id, time: Timestamp(microseconds: seconds * 1_000_000), method: "POST", url: url, body: []
        ).first { $0.name == "webhook-signature" }?.value
    }

    @Test func callsAreSignedWithBothAndTheOlderOneCanBeDropped() async throws {
        let receiver = TestServer { _ in .answer(http()) }
        defer { receiver.stop() }
        let url = receiver.url("/hooks")
        func expectSignatures(_ secrets: [String], _ scheduler: SchedulerService) async throws {
            // It takes effect with the next look at the destinations, which this instance is told to begin.
            try await eventually {
                let task = try await scheduler.accept(.post(url))
                try await eventually { try await scheduler.task(task.id).state == .succeeded }
                let request = try #require(
                    receiver.log.requests.last { $0.header("X-Task-Id") == task.id.description })
                return try request.header("webhook-signature")
                    == (secrets.isEmpty ? nil : Self.signature(request, secrets, url))
            }
        }
        try await TestDatabase.migrated { database in
            try await RunningScheduler.with(database, { $0.signing.seal = Self.seal(7) }) { scheduler in
                _ = try await scheduler.setDestination(receiver.url("/hooks"), .init())
                try await expectSignatures([], scheduler)
                let first = try await scheduler.addDestinationSecret(url, nil).secret
                try await expectSignatures([first], scheduler)
                let own = "whsec_" + Base64.encode(Array(1...40))
                let second = try await scheduler.addDestinationSecret(url, own)
                #expect(second.secret == own && second.destination.secretsCreatedAt.count == 2)
                try await expectSignatures([first, own], scheduler)
                await #expect(throws: ValidationError.self) { try await scheduler.addDestinationSecret(url, nil) }
                await #expect(throws: ValidationError.self) { try await scheduler.addDestinationSecret(url, "whsec_x") }
                // In the database there is neither.
                for secret in [first, own] {
                    let key = try WebhookSecret(secret).key
                    let rows = try database.connect().run("SELECT sealed FROM destination_secrets").rows
                    #expect(try rows.allSatisfy { try $0.bytes(0).firstRange(of: key) == nil })
                }
                let test = try await scheduler.testDestination(url, TestCall())
                #expect(test.signatures == 2)
                #expect(try await scheduler.dropDestinationSecrets(url, all: false).secretsCreatedAt.count == 1)
                try await expectSignatures([own], scheduler)
                await #expect(throws: ValidationError.self) {
                    try await scheduler.dropDestinationSecrets(url, all: false)
                }
                #expect(try await scheduler.dropDestinationSecrets(url, all: true).secretsCreatedAt.isEmpty)
                try await expectSignatures([], scheduler)
                _ = try await scheduler.addDestinationSecret(url, nil)
                try await scheduler.deleteDestination(url)
                #expect(try database.count("destination_secrets") == 0)
            }
        }
    }

    @Test func withoutTheKeyNoneCanBeMadeOrUsed() async throws {
        try await TestDatabase.migrated { database in
            let url = "https://shop.example"
            try await RunningScheduler.with(database, { $0.signing.seal = Self.seal(7) }) { scheduler in
                _ = try await scheduler.setDestination(url, .init())
                _ = try await scheduler.addDestinationSecret(url, nil)
                let record = try await scheduler.destination(url)
                #expect(record.openSecrets(Self.seal(7)).count == 1)
                #expect(record.openSecrets(Self.seal(8)).isEmpty && record.openSecrets(nil).isEmpty)
                // Moved to another destination it opens nothing.
                try database.change("UPDATE destinations SET url = 'https://other.example'")
                #expect(try await scheduler.destination("https://other.example").openSecrets(Self.seal(7)).isEmpty)
                try database.change("UPDATE destinations SET url = 'https://shop.example'")
            }
            try await RunningScheduler.with(database) { scheduler in
                await #expect {
                    _ = try await scheduler.addDestinationSecret(url, nil)
                } throws: { error in
                    (error as? ValidationError)?.problems.first?.detail.contains("signing.database_key") ?? false
                }
                let left = try await scheduler.destination(url)
                #expect(left.secretsCreatedAt.count == 1)
            }
        }
    }
}
