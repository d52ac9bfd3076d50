import MySQL
import TestSupport
import Testing

@testable import Scheduler

@Suite struct PartitionTests {
    /// Behind an ALTER TABLE that waits for a long report, everybody would wait who needs the table.
    @Test func aLongReportPutsOffNewPartitions() async throws {
        try await StoreFixture.with { fixture in
            let report = try fixture.database.connect()
            try report.run(text: "START TRANSACTION")
            try report.run("SELECT COUNT(*) FROM tasks")
            let error = await #expect(throws: MySQLError.self) { try await Self.addPartitions(fixture.store) }
            #expect(error?.code == .lockWaitTimeout)
            report.rollback()
            #expect(try await Self.addPartitions(fixture.store) == 2)
            #expect(try await Self.addPartitions(fixture.store) == 0)
        }
    }

    private static func addPartitions(_ store: MySQLStore) async throws -> Int {
        try await store.addPartitions { PartitionPlan.missing(existing: $0, now: .now, daysAhead: 1) }
    }
}
