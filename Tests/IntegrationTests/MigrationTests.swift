import Migrations
import MySQL
import Scheduler
import TestSupport
import Testing

@Suite struct MigrationTests {
    static func tables(_ database: TestDatabase) throws -> Set<String> {
        try names(database, "BASE TABLE")
    }

    static func views(_ database: TestDatabase) throws -> Set<String> {
        try names(database, "VIEW")
    }

    private static func names(_ database: TestDatabase, _ type: String) throws -> Set<String> {
        let query: Query = """
            SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = \(type)
            """
        return Set(try database.connect().run(query).rows.map { try $0.text(0) })
    }

    static func expected(prefix: String) -> Set<String> {
        Set(Tables(prefix: prefix).all.map(\.text) + [prefix + "schema_migrations"])
    }

    @Test func upFromEmptyAndUpAgain() async throws {
        try await TestDatabase.with { database in
            let migrator = Migrator(options: database.options, prefix: "")
            #expect(try migrator.status().map(\.state) == Migration.all.map { _ in .pending })
            #expect(try migrator.verify().count == Migration.all.count)
            #expect(try Self.tables(database).isEmpty)
            let applied = try migrator.up()
            #expect(applied.map(\.version) == Migration.all.map(\.version))
            #expect(try migrator.verify().isEmpty)
            #expect(try Self.tables(database).isSuperset(of: Self.expected(prefix: "")))
            #expect(try migrator.up().isEmpty)
            #expect(try migrator.status().map(\.version) == Migration.all.map(\.version))
        }
    }

    @Test func thePrefixIsHonouredForEveryTable() async throws {
        try await TestDatabase.with { database in
            for prefix in ["hs_", "other_"] {
                _ = try Migrator(options: database.options, prefix: prefix).up()
                #expect(try Migrator(options: database.options, prefix: prefix).verify().isEmpty)
            }
            let tables = try Self.tables(database)
            #expect(tables.allSatisfy { $0.hasPrefix("hs_") || $0.hasPrefix("other_") }, "\(tables)")
            #expect(tables.isSuperset(of: Self.expected(prefix: "hs_")))
            #expect(tables.isSuperset(of: Self.expected(prefix: "other_")))
            #expect(try Migrator(options: database.options, prefix: "").status().allSatisfy { $0.state == .pending })
        }
    }

    @Test func tenAtOnceMigrateOnce() async throws {
        try await TestDatabase.with { database in
            let options = database.options
            let applied = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<10 {
                    group.addTask { try await onThread { try Migrator(options: options, prefix: "").up().count } }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(applied.count == 10)
            #expect(applied.filter { $0 > 0 } == [Migration.all.count])
            #expect(try Migrator(options: options, prefix: "").verify().isEmpty)
        }
    }

    /// The wait for the lock may be longer than a statement of the program may take.
    @Test func anotherThatMigratesIsWaitedForAndSaid() async throws {
        try await TestDatabase.with { database in
            let holder = try database.connect()
            let lock: Query = "CONCAT('schedulerd:', LEFT(SHA2(CONCAT(DATABASE(), '/', ''), 256), 40))"
            #expect(try holder.run("SELECT GET_LOCK(" + lock + ", 0)").rows[0].integer(0) == 1)
            var options = database.options
            options.readTimeout = .seconds(1)
            let migrator = Migrator(options: options, prefix: "", lockWait: .seconds(3))
            let failure = await #expect(throws: Migrator.Failure.self) { _ = try await onThread { try migrator.up() } }
            guard case .locked? = failure else {
                Issue.record("it is \(String(describing: failure))")
                return
            }
            #expect(try Self.tables(database).isEmpty)
            _ = try holder.run("SELECT RELEASE_LOCK(" + lock + ")")
            #expect(try !migrator.up().isEmpty)
        }
    }

    @Test(arguments: [
        ("V0001__first_schema.sql", 1, "first_schema"), ("V0012__a.sql", 12, "a"), ("V10000__x_y.sql", 10_000, "x_y"),
    ])
    func fileNames(fileName: String, version: Int, name: String) {
        let migration = Migration(fileName: fileName, text: "")
        #expect(migration?.version == version)
        #expect(migration?.name == name)
        #expect(migration?.steps == [])
    }

    @Test(arguments: ["", "V1.sql", "V0001_x.sql", "0001__x.sql", "Vx__y.sql", "V0001__x.txt"])
    func otherFileNamesAreRefused(fileName: String) {
        #expect(Migration(fileName: fileName, text: "") == nil)
    }

    @Test func stepsEndWithASemicolonAtTheEndOfALine() {
        let text =
            "-- one; two;\nCREATE TABLE {prefix}a (\n  x CHAR(1) DEFAULT ';' -- ; not the end\n);\n\nDROP TABLE {prefix}a"
        let migration = Migration(fileName: "V0001__x.sql", text: text)
        #expect(migration?.steps.count == 2)
        #expect(
            migration?.statement(0, prefix: "hs_") == "CREATE TABLE hs_a (\n  x CHAR(1) DEFAULT ';' -- ; not the end\n)"
        )
        #expect(migration?.statement(1, prefix: "") == "DROP TABLE a")
    }
}
