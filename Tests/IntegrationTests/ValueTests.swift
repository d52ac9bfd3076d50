import MySQL
import TestSupport
import Testing

/// Every kind of value goes in and comes back, as a parameter and as a literal, over the binary and the text protocol.
@Suite struct ValueTests {
    static let rows: [[SQLValue]] = [
        [.null, .null, .null, .null, .null, .null],
        [.integer(0), .unsigned(0), .double(0), .text(""), .bytes([]), .time(Timestamp(microseconds: 0))],
        [
            .integer(.min), .unsigned(.max), .double(-1.5e300), .text("it's \"x\" \\ % _ \0 \n\r\t\u{1A}"),
            .bytes([0, 39, 92, 255, 10, 13, 26, 34]), .time(Timestamp.range.lowerBound),
        ],
        [
            .integer(.max), .unsigned(1 << 63), .double(0.1), .text("😀 ж 中 é e\u{301}"), .bytes([UInt8](0...255)),
            .time(Timestamp.range.upperBound),
        ],
        [
            .integer(-1), .unsigned(10), .double(1), .text(#"\'; DROP TABLE kinds; --"#), .bytes([0]),
            .time(Timestamp(microseconds: 1_795_255_200_000_001)),
        ],
    ]

    static func create(_ connection: Connection) throws {
        try connection.run(
            text: """
                CREATE TABLE kinds (n INT AUTO_INCREMENT PRIMARY KEY, i BIGINT, u BIGINT UNSIGNED, d DOUBLE, t LONGTEXT,
                    b LONGBLOB, at DATETIME(6)) DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
                """)
    }

    /// The same rows over both protocols.
    static func read(_ connection: Connection) throws -> [[SQLValue]] {
        var script = Script()
        script.statement("SELECT i, u, d, t, b, at FROM kinds ORDER BY n")
        let text = try connection.run(script)[0].rows.map(\.values)
        let binary = try connection.run("SELECT i, u, d, t, b, at FROM kinds ORDER BY n").rows.map(\.values)
        #expect(text == binary)
        return binary
    }

    @Test func asParameters() async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            try Self.create(connection)
            for (index, row) in Self.rows.enumerated() {
                let result = try connection.run(
                    """
                    INSERT INTO kinds (i, u, d, t, b, at)
                    VALUES (\(row[0]), \(row[1]), \(row[2]), \(row[3]), \(row[4]), \(row[5]))
                    """)
                #expect(result.affected == 1)
                #expect(result.lastInsertID == UInt64(index + 1))
            }
            #expect(try Self.read(connection) == Self.rows)
        }
    }

    @Test func asLiteralsOfManyRows() async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            try Self.create(connection)
            var script = Script()
            script.begin("INSERT INTO kinds (i, u, d, t, b, at) VALUES ")
            script.rows(Self.rows) { row, values in
                for value in values { row.value(value) }
            }
            script.end()
            script.statement("UPDATE kinds SET i = i WHERE n <= ", .value(2))
            script.statement("DELETE FROM kinds WHERE n > ", .value(100))
            let results = try connection.run(script)
            // An UPDATE counts what it matched, though nothing changed.
            #expect(results.map(\.affected) == [Self.rows.count, 2, 0])
            #expect(results[0].lastInsertID == 1)
            #expect(try Self.read(connection) == Self.rows)
        }
    }

    @Test(arguments: [1 << 20, 3 << 20]) func largeValues(count: Int) async throws {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<count / 8).flatMap { _ in withUnsafeBytes(of: generator.next()) { Array($0) } }
        let text = String(repeating: "ж'\\", count: count / 4)
        try await TestDatabase.with { database in
            let connection = try database.connect()
            try Self.create(connection)
            try connection.run("INSERT INTO kinds (b, t) VALUES (\(bytes), \(text))")
            var script = Script()
            script.statement("INSERT INTO kinds (b, t) VALUES (", .value(bytes), ", ", .value(text), ")")
            try connection.run(script)
            for row in try Self.read(connection) {
                #expect(row[4] == .bytes(bytes))
                #expect(row[3] == .text(text))
            }
        }
    }

    @Test func timesOfEveryPrecision() async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            try connection.run(
                text: "CREATE TABLE times (a DATETIME, b DATETIME(1), c DATETIME(3), d DATETIME(6), e DATE)")
            let time = Timestamp(microseconds: 1_795_255_200_100_000)
            try connection.run("INSERT INTO times VALUES (\(time), \(time), \(time), \(time), \(time))")
            let whole = Timestamp(microseconds: 1_795_255_200_000_000)
            let midnight = Timestamp(microseconds: 1_795_219_200_000_000)
            var script = Script()
            script.statement("SELECT * FROM times")
            let expected: [SQLValue] = [.time(whole), .time(time), .time(time), .time(time), .time(midnight)]
            #expect(try connection.run(script)[0].rows[0].values == expected)
            #expect(try connection.run("SELECT * FROM times").rows[0].values == expected)
        }
    }

    @Test func computedColumnsAreNumbersToo() async throws {
        let connection = try Connection(TestDatabase.server())
        let query: Query =
            "SELECT COUNT(*), SUM(x), CAST(7 AS UNSIGNED), 1.50, x IS NULL FROM (SELECT 2 AS x) t GROUP BY x"
        let row = try connection.run(query).rows[0]
        #expect(try [0, 1, 2, 4].map { try row.integer($0) } == [1, 2, 7, 0])
        #expect(try row.text(3) == "1.50")
    }

    @Test func aStatementIsPreparedOnceAndManyDoNotPileUp() async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            func prepared() throws -> Int {
                let rows = try connection.run("SHOW SESSION STATUS LIKE 'Com_stmt_prepare'").rows
                return Int(try rows[0].text(1))!
            }
            _ = try connection.run("SELECT \(0)")
            let before = try prepared()
            for number in 0..<50 { #expect(try connection.run("SELECT \(number)").rows[0].integer(0) == number) }
            #expect(try prepared() == before)
            // More different ones than a connection keeps.
            for number in 0..<600 {
                let other = Query(stringLiteral: "SELECT \(number) + ") + "\(1)"
                #expect(try connection.run(other).rows[0].integer(0) == number + 1)
            }
        }
    }
}
