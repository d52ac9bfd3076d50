package import MySQL

/// Brings a database to the schema of this build. Every call opens a connection of its own and blocks.
package struct Migrator: Sendable {
    package enum Failure: Error, Sendable, CustomStringConvertible {
        /// Another program holds the migration lock.
        case locked
        case blocked(MigrationStatus)
        case failed(MigrationStatus, MySQLError)

        package var description: String {
            switch self {
            case .locked:
                "another program is migrating this database; try again when it is done"
            case .blocked(let status):
                switch status.state {
                case .halfApplied:
                    "\(status)\nSee whether the statement took effect; then `migrate up --redo-step` when it did not, "
                        + "`migrate up --skip-step` when it did."
                default: "\(status)"
                }
            case .failed(let status, let error): "\(status)\n\(error)"
            }
        }
    }

    /// What to do about a step that was begun and not seen to end.
    package enum Resume: Sendable {
        case refuse
        case redoStep
        case skipStep
    }

    private let options: ConnectionOptions
    private let lockWait: Duration
    private let prefix: String
    private let migrations: [Migration]
    private let table: TableName

    /// - Parameter lockWait: how long to wait, in whole seconds, while another program migrates.
    package init(
        options: ConnectionOptions, prefix: String, migrations: [Migration] = Migration.all,
        lockWait: Duration = .seconds(60)
    ) {
        var options = options
        // A statement that changes a large table is silent for as long as it takes; so is the wait for the lock.
        options.readTimeout = .seconds(86_400)
        self.options = options
        self.lockWait = lockWait
        self.prefix = prefix
        self.migrations = migrations
        table = TableName(prefix: prefix, "schema_migrations")
    }

    /// Applies what is pending, under a named lock, so that of many instances that start at once one does it.
    /// - Returns: what this call applied.
    package func up(_ resume: Resume = .refuse) throws -> [MigrationStatus] {
        let connection = try Connection(options)
        let lock: Query = "CONCAT('schedulerd:', LEFT(SHA2(CONCAT(DATABASE(), '/', \(prefix)), 256), 40))"
        let got = try connection.run("SELECT GET_LOCK(" + lock + ", \(lockWait.components.seconds))").rows
        guard try got.first?.optional(0, Row.integer) == 1 else { throw Failure.locked }
        defer {
            // The lock ends with the connection in any case; that releasing it fails changes nothing.
            _ = try? connection.run("SELECT RELEASE_LOCK(" + lock + ")")
        }
        try createTable(connection)
        var applied: [MigrationStatus] = []
        for status in try status(connection) {
            switch status.state {
            case .applied, .unknown: continue
            case .changed: throw Failure.blocked(status)
            case .halfApplied(let step, _):
                guard resume != .refuse else { throw Failure.blocked(status) }
                applied.append(
                    try apply(migration(status.version), from: step - (resume == .redoStep ? 1 : 0), connection))
            case .pending:
                applied.append(try apply(migration(status.version), from: 0, connection))
            case .interrupted(let stepsDone):
                applied.append(try apply(migration(status.version), from: stepsDone, connection))
            }
        }
        if !applied.isEmpty { try renewEmptyTables(connection) }
        return applied
    }

    /// MySQL does not exchange the partitions of a table that was given columns at once, as migrations do, until it is
    /// built again, which costs nothing while it is empty (docs/decisions/0012).
    private func renewEmptyTables(_ connection: Connection) throws {
        guard connection.server.kind == .mysql else { return }
        for name in Self.exchanged {
            let table = TableName(prefix: prefix, name)
            guard try has(table, connection), try connection.run("SELECT 1 FROM \(table) LIMIT 1").rows.isEmpty else {
                continue
            }
            try connection.run("ALTER TABLE \(table) FORCE")
        }
    }

    /// Tables whose partitions are exchanged.
    private static let exchanged = ["tasks", "attempts"]

    package func status() throws -> [MigrationStatus] {
        let connection = try Connection(options)
        return try has(table, connection) ? try status(connection) : migrations.map { status($0, .pending) }
    }

    /// What keeps this build from running on the database; empty when nothing does.
    package func verify() throws -> [String] {
        try status().compactMap { status in
            if case .applied = status.state { nil } else { status.description }
        }
    }

    // MARK: Steps

    private func apply(_ migration: Migration, from first: Int, _ connection: Connection) throws -> MigrationStatus {
        try connection.run(
            """
            INSERT INTO \(table) (version, name, checksum, steps, steps_begun, steps_done, started_at)
            VALUES (\(migration.version), \(migration.name), SHA2(\(migration.text), 256), \(migration.steps.count),
                    0, 0, UTC_TIMESTAMP(6))
            ON DUPLICATE KEY UPDATE steps_done = \(first)
            """)
        for step in first..<migration.steps.count {
            try connection.run(
                "UPDATE \(table) SET steps_begun = \(step + 1) WHERE version = \(migration.version)")
            do throws(MySQLError) {
                try connection.run(text: migration.statement(step, prefix: prefix))
            } catch {
                // The server refused the statement: it did not take effect. A lost connection says nothing.
                if !error.losesConnection {
                    try connection.run(
                        "UPDATE \(table) SET steps_begun = \(step) WHERE version = \(migration.version)")
                }
                throw Failure.failed(
                    status(migration, .halfApplied(step: step + 1, statement: migration.steps[step])), error)
            }
            try connection.run(
                "UPDATE \(table) SET steps_done = \(step + 1) WHERE version = \(migration.version)")
        }
        try connection.run(
            "UPDATE \(table) SET finished_at = UTC_TIMESTAMP(6) WHERE version = \(migration.version)")
        let now = try connection.run("SELECT UTC_TIMESTAMP(6)").rows[0].time(0)
        return status(migration, .applied(at: now))
    }

    private func createTable(_ connection: Connection) throws {
        try connection.run(
            """
            CREATE TABLE IF NOT EXISTS \(table) (
                version INT UNSIGNED NOT NULL,
                name VARCHAR(190) NOT NULL,
                checksum CHAR(64) CHARACTER SET ascii NOT NULL COMMENT 'SHA-256 of the file',
                steps SMALLINT UNSIGNED NOT NULL,
                steps_begun SMALLINT UNSIGNED NOT NULL,
                steps_done SMALLINT UNSIGNED NOT NULL,
                started_at DATETIME(6) NOT NULL,
                finished_at DATETIME(6) NULL,
                PRIMARY KEY (version)
            ) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
            """)
    }

    private func has(_ table: TableName, _ connection: Connection) throws -> Bool {
        try !connection.run(
            """
            SELECT 1 FROM information_schema.TABLES
            WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = \(table.text)
            """
        ).rows.isEmpty
    }

    // MARK: Status

    private func status(_ connection: Connection) throws -> [MigrationStatus] {
        let rows = try connection.run(
            "SELECT version, name, checksum, steps_begun, steps_done, finished_at FROM \(table) ORDER BY version"
        ).rows
        var states: [MigrationStatus] = []
        for migration in migrations {
            guard let row = try rows.first(where: { try $0.integer(0) == migration.version }) else {
                states.append(status(migration, .pending))
                continue
            }
            let checksum = try connection.run("SELECT SHA2(\(migration.text), 256)").rows[0].text(0)
            let (begun, done) = (try row.integer(3), try row.integer(4))
            if try checksum != row.text(2) {
                states.append(status(migration, .changed))
            } else if let finished = try row.optional(5, Row.time) {
                states.append(status(migration, .applied(at: finished)))
            } else if begun > done {
                states.append(status(migration, .halfApplied(step: begun, statement: migration.steps[begun - 1])))
            } else {
                states.append(status(migration, .interrupted(stepsDone: done)))
            }
        }
        for row in rows where try !migrations.contains(where: { try $0.version == row.integer(0) }) {
            states.append(MigrationStatus(version: try row.integer(0), name: try row.text(1), state: .unknown))
        }
        return states
    }

    private func status(_ migration: Migration, _ state: MigrationStatus.State) -> MigrationStatus {
        MigrationStatus(version: migration.version, name: migration.name, state: state)
    }

    private func migration(_ version: Int) -> Migration {
        migrations.first { $0.version == version }!
    }
}
