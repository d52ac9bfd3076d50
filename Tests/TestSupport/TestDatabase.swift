import Glibc
import Migrations
package import MySQL

/// A database of a test's own on the private server that `scripts/test` started.
package struct TestDatabase: Sendable {
    package let options: ConnectionOptions

    package struct NoServer: Error, CustomStringConvertible {
        package var description: String {
            "no database server: run the tests by scripts/test, or `eval \"$(scripts/servers start DIR)\"` first"
        }
    }

    /// How to reach the private server, without a database.
    package static func server() throws -> ConnectionOptions {
        func variable(_ name: String) -> String? { getenv("SCHEDULERD_TEST_DB_\(name)").map { String(cString: $0) } }
        guard let socket = variable("SOCKET"), let user = variable("USER"), let password = variable("PASSWORD") else {
            throw NoServer()
        }
        var options = ConnectionOptions()
        options.socket = socket
        options.user = user
        options.password = password
        options.port = variable("PORT").flatMap { Int($0) } ?? 0
        // Many tests at once keep a small machine's disk busy.
        options.readTimeout = .seconds(90)
        return options
    }

    /// Runs `body` with a new, empty database, and drops it.
    package static func with<T>(_ body: (TestDatabase) async throws -> T) async throws -> T {
        var options = try server()
        let name = "test_\(UInt64.random(in: 0 ... .max))"
        try await run("CREATE DATABASE \(name)")
        options.database = name
        let database = TestDatabase(options: options)
        do {
            let value = try await body(database)
            try await run("DROP DATABASE \(name)")
            return value
        } catch {
            // The first error is the one to report; the server is thrown away with all it holds.
            try? await run("DROP DATABASE \(name)")
            throw error
        }
    }

    /// Changes of the schema take long on a busy machine, in which the schedulers of other tests need their threads.
    private static func run(_ statement: String) async throws {
        let options = try server()
        try await onThread { try Connection(options).run(text: statement) }
    }

    /// As `with`, with the schema in place.
    package static func migrated<T>(prefix: String = "", _ body: (TestDatabase) async throws -> T) async throws -> T {
        try await with { database in
            _ = try await onThread { try Migrator(options: database.options, prefix: prefix).up() }
            return try await body(database)
        }
    }

    /// The same database, for another user of the server.
    package func signedIn(as user: String, password: String) -> TestDatabase {
        var options = options
        (options.user, options.password) = (user, password)
        return TestDatabase(options: options)
    }

    package func connect() throws(MySQLError) -> Connection {
        try Connection(options)
    }
}
