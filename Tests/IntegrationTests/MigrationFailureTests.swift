import Migrations
import MySQL
import TestSupport
import Testing

/// What stops half-way is seen, said, and can be resumed.
@Suite struct MigrationFailureTests {
    static func migration(_ text: String, version: Int = 1) throws -> Migration {
        try #require(Migration(fileName: "V000\(version)__test.sql", text: text))
    }

    static let text = """
        CREATE TABLE {prefix}a (id INT);
        CREATE TABLE {prefix}b (id INT);
        CREATE TABLE {prefix}c (id INT);

        """

    /// A database in which the migration stopped: so many steps begun, so many seen to end, and these tables there.
    static func stopped<T>(
        begun: Int, done: Int, tables: Set<String>, _ body: (TestDatabase, Migrator) throws -> T
    ) async throws -> T {
        try await TestDatabase.with { database in
            let migrator = Migrator(options: database.options, prefix: "", migrations: [try migration(text)])
            _ = try migrator.up()
            let connection = try database.connect()
            for table in Set(["a", "b", "c"]).subtracting(tables) { try connection.run(text: "DROP TABLE \(table)") }
            try connection.run(
                "UPDATE schema_migrations SET steps_begun = \(begun), steps_done = \(done), finished_at = NULL")
            return try body(database, migrator)
        }
    }

    static func all(_ database: TestDatabase) throws -> Bool {
        try MigrationTests.tables(database) == ["a", "b", "c", "schema_migrations"]
    }

    @Test(arguments: [Migrator.Resume.redoStep, .skipStep]) func aHalfAppliedStep(resume: Migrator.Resume) async throws
    {
        // Redone when it did not take effect, skipped when it did.
        let tables: Set<String> = resume == .redoStep ? ["a"] : ["a", "b"]
        try await Self.stopped(begun: 2, done: 1, tables: tables) { (database, migrator) throws in
            let state = try migrator.status()[0].state
            #expect(state == .halfApplied(step: 2, statement: "CREATE TABLE {prefix}b (id INT)"))
            #expect(try migrator.verify().first?.contains("half applied: step 2") == true)
            let failure = #expect(throws: Migrator.Failure.self) { try migrator.up() }
            #expect(failure?.description.contains("--redo-step") == true)
            #expect(failure?.description.contains("CREATE TABLE {prefix}b") == true)
            #expect(try MigrationTests.tables(database).count == tables.count + 1)
            #expect(try migrator.up(resume).map(\.version) == [1])
            #expect(try Self.all(database))
            #expect(try migrator.verify().isEmpty)
        }
    }

    @Test func interruptedBetweenStepsGoesOn() async throws {
        try await Self.stopped(begun: 1, done: 1, tables: ["a"]) { (database, migrator) throws in
            #expect(try migrator.status()[0].state == .interrupted(stepsDone: 1))
            #expect(try migrator.up().count == 1)
            #expect(try Self.all(database))
            #expect(try migrator.verify().isEmpty)
        }
    }

    @Test func interruptedBeforeItWasWrittenDownAsDone() async throws {
        try await Self.stopped(begun: 3, done: 3, tables: ["a", "b", "c"]) { (database, migrator) throws in
            #expect(try migrator.status()[0].state == .interrupted(stepsDone: 3))
            #expect(try migrator.up().count == 1)
            #expect(try migrator.verify().isEmpty)
        }
    }

    @Test func aStepThatTheServerRefusesDidNotTakeEffect() async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            try connection.run(text: "CREATE TABLE b (id INT)")
            let migrator = Migrator(options: database.options, prefix: "", migrations: [try Self.migration(Self.text)])
            let failure = #expect(throws: Migrator.Failure.self) { try migrator.up() }
            guard case .failed(let status, let error)? = failure else {
                Issue.record("it is \(String(describing: failure))")
                return
            }
            #expect(status.state == .halfApplied(step: 2, statement: "CREATE TABLE {prefix}b (id INT)"))
            #expect(error.code.rawValue == 1050)
            // Nothing is in doubt: what stood in its way is removed, and it goes on.
            #expect(try migrator.status()[0].state == .interrupted(stepsDone: 1))
            try connection.run(text: "DROP TABLE b")
            #expect(try migrator.up().count == 1)
            #expect(try Self.all(database))
        }
    }

    @Test func aChangedFileIsSaidAndStopsWhatComesAfterIt() async throws {
        try await TestDatabase.with { database in
            let first = try Self.migration("CREATE TABLE a (id INT);\n")
            _ = try Migrator(options: database.options, prefix: "", migrations: [first]).up()
            let changed = Migrator(
                options: database.options, prefix: "",
                migrations: [
                    try Self.migration("CREATE TABLE a (id BIGINT);\n"),
                    try Self.migration("CREATE TABLE b (id INT);\n", version: 2),
                ])
            #expect(try changed.status().map(\.state) == [.changed, .pending])
            #expect(try changed.verify().first == "V0001 test: changed after it was applied")
            let failure = #expect(throws: Migrator.Failure.self) { try changed.up(.redoStep) }
            #expect(failure?.description == "V0001 test: changed after it was applied")
            #expect(try MigrationTests.tables(database) == ["a", "schema_migrations"])
        }
    }

    @Test func aNewerBuildsMigrationIsSaidAndLeftAlone() async throws {
        try await TestDatabase.with { database in
            let (first, second) = (
                try Self.migration("CREATE TABLE a (id INT);\n"),
                try Self.migration("CREATE TABLE b (id INT);\n", version: 2)
            )
            _ = try Migrator(options: database.options, prefix: "", migrations: [first, second]).up()
            let older = Migrator(options: database.options, prefix: "", migrations: [first])
            #expect(try older.up().isEmpty)
            #expect(try older.status().map(\.version) == [1, 2])
            #expect(try older.status().last?.state == .unknown)
            #expect(try older.verify() == ["V0002 test: not known to this build: a newer one applied it"])
            #expect(try MigrationTests.tables(database) == ["a", "b", "schema_migrations"])
        }
    }

    @Test func whatIsAddedLaterIsAppliedAlone() async throws {
        try await TestDatabase.with { database in
            let first = try Self.migration("CREATE TABLE a (id INT);\n")
            let second = try Self.migration("CREATE TABLE b (id INT);\nINSERT INTO b VALUES (1), (2);\n", version: 2)
            _ = try Migrator(options: database.options, prefix: "", migrations: [first]).up()
            let both = Migrator(options: database.options, prefix: "", migrations: [first, second])
            #expect(try both.up().map(\.version) == [2])
            #expect(try database.connect().run("SELECT COUNT(*) FROM b").rows[0].integer(0) == 2)
        }
    }
}
