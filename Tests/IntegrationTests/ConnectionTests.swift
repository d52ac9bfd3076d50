import MySQL
import TestSupport
import Testing
import ThreadPool

@Suite struct ConnectionTests {
    @Test func theSessionIsAsDemanded() async throws {
        var options = try TestDatabase.server()
        options.lockWait = .seconds(7)
        let connection = try Connection(options)
        let row = try connection.run(
            """
            SELECT @@session.time_zone, @@session.sql_mode, @@session.innodb_lock_wait_timeout, @@session.autocommit,
              @@session.character_set_client, @@session.character_set_connection, @@session.character_set_results,
              @@session.lock_wait_timeout
            """
        ).rows[0]
        #expect(try row.text(0) == "+00:00")
        #expect(Set(try row.text(1).split(separator: ",")) == ["STRICT_ALL_TABLES", "ERROR_FOR_DIVISION_BY_ZERO"])
        #expect(try row.integer(2) == 7)
        #expect(try row.integer(3) == 1)
        #expect(try row.integer(7) == 7)
        #expect(try (4...6).map { try row.text($0) } == ["utf8mb4", "utf8mb4", "utf8mb4"])
        #expect(connection.server.kind.rawValue == ServerKind.current?.rawValue)
        #expect(!connection.server.isReadOnly)
        #expect(connection.ping())
    }

    @Test func aTransactionReadsWhatOthersCommit() async throws {
        try await TransactionTests.withTable { database, writer in
            let reader = try database.connect()
            try reader.transaction { reader in
                #expect(try TransactionTests.numbers(reader) == [0, 0])
                try writer.run("UPDATE counters SET n = 3 WHERE id = 2")
                #expect(try TransactionTests.numbers(reader) == [0, 3])
            }
        }
    }

    @Test func whatDoesNotFitIsRefused() async throws {
        try await TestDatabase.with { database in
            let connection = try database.connect()
            try connection.run(text: "CREATE TABLE narrow (t VARCHAR(3), n TINYINT)")
            let text = #expect(throws: MySQLError.self) { try connection.run("INSERT INTO narrow (t) VALUES ('four')") }
            #expect(text?.code.rawValue == 1406)
            #expect(throws: MySQLError.self) { try connection.run("INSERT INTO narrow (n) VALUES (200)") }
        }
    }

    /// Killed between two statements, a session answers the first as if it were the last.
    @Test func aScriptThatWasCutShortIsAnError() throws {
        var cutShort = 0
        for _ in 0..<20 {
            let connection = try Connection(TestDatabase.server())
            let id = try connection.run("SELECT CONNECTION_ID()").rows[0].integer(0)
            var script = Script()
            script.statement("DO GET_LOCK(CONCAT('begun ', ", .value(id), "), 0)")
            for _ in 0..<100_000 { script.statement("DO 0") }
            // The script has this thread until it ends.
            let killer = WorkerThread {
                do {
                    let connection = try Connection(TestDatabase.server())
                    // It may be over already.
                    for _ in 0..<1_000 {
                        let hasBegun = try connection.run("SELECT IS_USED_LOCK(CONCAT('begun ', \(id))) IS NOT NULL")
                        if try hasBegun.rows[0].integer(0) == 1 { break }
                    }
                    try connection.run(text: "KILL \(id)")
                } catch {
                    Issue.record(error)
                }
            }
            defer { withExtendedLifetime(connection) { killer.join() } }
            do throws(MySQLError) {
                let results = try connection.run(script)
                #expect(results.count == script.count)
            } catch {
                // MySQL may still answer that the statement was interrupted.
                #expect(error.losesConnection || error.code == .queryInterrupted)
                cutShort += 1
            }
        }
        #expect(cutShort > 0)
    }

    // MARK: Refusals

    @Test func wrongPassword() throws {
        var options = try TestDatabase.server()
        options.password = "wrong"
        let error = #expect(throws: MySQLError.self) { _ = try Connection(options) }
        #expect(error?.code == .accessDenied)
        #expect(error?.isTransient == false)
        #expect(error?.description.contains(options.password) == false)
    }

    @Test func unknownDatabase() throws {
        var options = try TestDatabase.server()
        options.database = "there_is_none"
        let error = #expect(throws: MySQLError.self) { _ = try Connection(options) }
        #expect(error?.code == .unknownDatabase)
    }

    @Test func unreachableServers() throws {
        var options = try TestDatabase.server()
        options.socket = "/nowhere/db.sock"
        let socket = #expect(throws: MySQLError.self) { _ = try Connection(options) }
        #expect(socket?.code == .cannotConnectSocket)
        #expect(socket?.remedy == .reconnect)
        options.socket = nil
        options.port = Int(TestServer.closedPort())
        for tls in [ConnectionOptions.TLSMode.off, .preferred, .required] {
            options.tls = tls
            let host = #expect(throws: MySQLError.self) { _ = try Connection(options) }
            #expect(host?.remedy == .reconnect)
        }
    }

    @Test func aServerThatSaysNothingIsGivenUp() async throws {
        var options = try TestDatabase.server()
        let silent = TestServer { _ in .hang }
        defer { silent.stop() }
        options.socket = nil
        options.port = Int(silent.port)
        options.connectTimeout = .seconds(1)
        options.readTimeout = .seconds(1)
        let given = options
        let error = await #expect(throws: MySQLError.self) { try await onThread { _ = try Connection(given) } }
        #expect(error?.remedy == .reconnect)
    }

    @Test func theReadTimeoutEndsAStatement() async throws {
        var options = try TestDatabase.server()
        options.readTimeout = .seconds(1)
        let given = options
        let error = await #expect(throws: MySQLError.self) {
            try await onThread { _ = try Connection(given).run("SELECT SLEEP(20)") }
        }
        #expect(error?.losesConnection == true)
    }

    // MARK: Ways in

    static func tcp(_ tls: ConnectionOptions.TLSMode) throws -> ConnectionOptions {
        var options = try TestDatabase.server()
        options.socket = nil
        options.tls = tls
        return options
    }

    static func cipher(_ connection: Connection) throws -> String {
        try connection.run("SHOW SESSION STATUS LIKE 'Ssl_cipher'").rows[0].text(1)
    }

    @Test func preferredTakesWhatThereIs() throws {
        let connection = try Connection(Self.tcp(.preferred))
        #expect(try Self.cipher(connection).isEmpty == (ServerKind.current == .mariadb))
        #expect(try connection.run("SELECT 1").rows[0].integer(0) == 1)
    }

    @Test(.enabled(if: ServerKind.current == .mariadb, "the private MariaDB has no certificate"))
    func requiredRefusesAServerWithoutTLS() throws {
        let error = #expect(throws: MySQLError.self) { _ = try Connection(Self.tcp(.required)) }
        #expect(error?.isTransient == true)
        #expect(try Self.cipher(Connection(Self.tcp(.off))).isEmpty)
    }

    @Test(.enabled(if: ServerKind.current == .mysql, "the private MySQL has a certificate of its own making"))
    func requiredTakesASelfSignedCertificateAndVerifyDoesNot() throws {
        #expect(try !Self.cipher(Connection(Self.tcp(.required))).isEmpty)
        #expect(throws: MySQLError.self) { _ = try Connection(Self.tcp(.verify)) }
    }

    /// The first sign-in of a user is the one for which the server has nothing in its cache.
    @Test(
        .enabled(if: ServerKind.current == .mysql, "MariaDB has no caching_sha2_password"),
        arguments: [nil, .off, .required] as [ConnectionOptions.TLSMode?])
    func cachingSHA2Password(tls: ConnectionOptions.TLSMode?) throws {
        let administrator = try Connection(TestDatabase.server())
        let name = "u\(UInt32.random(in: 0 ... .max))"
        try administrator.run(
            text: "CREATE USER '\(name)'@'%' IDENTIFIED WITH caching_sha2_password BY 'it''s a \"secret\"'")
        defer { try? administrator.run(text: "DROP USER '\(name)'@'%'") }
        var options = try tls.map { try Self.tcp($0) } ?? TestDatabase.server()
        options.user = name
        options.password = "it's a \"secret\""
        for _ in 1...2 {
            #expect(try Connection(options).run("SELECT CURRENT_USER()").rows[0].text(0) == "\(name)@%")
        }
        options.password = "it's"
        let error = #expect(throws: MySQLError.self) { _ = try Connection(options) }
        #expect(error?.code == .accessDenied)
    }
}
