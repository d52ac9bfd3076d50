import Foundation
import Migrations
import MySQL
import TestSupport
import Testing

/// `sql/schema.sql` is what the migrations give.
///
/// After a migration was added, write it anew on MariaDB with
/// `SCHEDULERD_TEST_WRITE_REFERENCE=1 swift test --filter SchemaReferenceTests`, read the difference and commit it with
/// the migration.
@Suite(.serialized) struct SchemaReferenceTests {
    private static let file = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "sql/schema.sql")

    private static let header = """
        -- The tables that the files in sql/migrations give, for reading; on MariaDB, without a table prefix. The views are
        -- in sql/reports. The running program adds a partition for each day. A test keeps this file true (Tests/IntegrationTests/SchemaReferenceTests.swift).

        """

    /// SHOW CREATE TABLE of every table, without what changes from one database to the next.
    private static func schema(_ database: TestDatabase) throws -> String {
        let connection = try database.connect()
        let statements = try MigrationTests.tables(database).sorted().map { table in
            try connection.run(Query(stringLiteral: "SHOW CREATE TABLE \(table)")).rows[0].text(1)
                .replacing(/\ AUTO_INCREMENT=[0-9]+/, with: "")
        }
        return header + statements.map { "\n" + $0 + ";\n" }.joined()
    }

    @Test(.enabled(if: ServerKind.current == .mariadb, "the file is in MariaDB's words"))
    func fileEqualsWhatResults() async throws {
        try await TestDatabase.migrated { database in
            let schema = try Self.schema(database)
            if ProcessInfo.processInfo.environment["SCHEDULERD_TEST_WRITE_REFERENCE"] == "1" {
                try Data(schema.utf8).write(to: Self.file)
            }
            let written = try String(contentsOf: Self.file, encoding: .utf8)
            #expect(written == schema, "sql/schema.sql is behind sql/migrations; see this suite's comment")
        }
    }

    private static let facts: [Query] = [
        """
        SELECT CONCAT_WS(' ', TABLE_NAME, ORDINAL_POSITION, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, EXTRA,
          COALESCE(COLUMN_DEFAULT, '-'), COALESCE(COLLATION_NAME, '-'), COLUMN_COMMENT)
        FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND LEFT(TABLE_NAME, 7) <> 'report_' ORDER BY 1
        """,
        """
        SELECT CONCAT_WS(' ', TABLE_NAME, INDEX_NAME, NON_UNIQUE, SEQ_IN_INDEX, COLUMN_NAME, INDEX_TYPE)
        FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1
        """,
        """
        SELECT CONCAT_WS(' ', TABLE_NAME, COALESCE(PARTITION_NAME, '-'), COALESCE(PARTITION_METHOD, '-'))
        FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA = DATABASE() AND LEFT(TABLE_NAME, 7) <> 'report_' ORDER BY 1
        """,
    ]

    /// Also in the words of another server: the file, run there, gives the same columns, keys and partitions.
    @Test func fileGivesWhatTheMigrationsGive() async throws {
        try await TestDatabase.migrated { migrated in
            try await TestDatabase.with { written in
                try written.connect().run(text: String(contentsOf: Self.file, encoding: .utf8))
                for fact in Self.facts {
                    let (left, right) = try (migrated.connect().run(fact).rows, written.connect().run(fact).rows)
                    #expect(try left.map { try $0.text(0) } == right.map { try $0.text(0) })
                    #expect(!left.isEmpty)
                }
            }
        }
    }

    @Test func tasksAndAttemptsBeginWithOnePartition() async throws {
        try await TestDatabase.migrated { database in
            let rows = try database.connect().run(Self.facts[2]).rows.map { try $0.text(0) }
            #expect(
                rows.filter { !$0.hasSuffix("- -") } == ["attempts later RANGE COLUMNS", "tasks later RANGE COLUMNS"])
        }
    }
}
