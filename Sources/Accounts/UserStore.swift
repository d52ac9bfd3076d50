package import MySQL

/// The table of users.
package struct UserStore: Sendable {
    private let pool: ConnectionPool
    private let users: TableName

    /// - Parameter prefix: of the tables' names.
    package init(_ pool: ConnectionPool, prefix: String) {
        self.pool = pool
        users = TableName(prefix: prefix, "users")
    }

    // MARK: Reading

    /// All, by name.
    package func all() async throws -> [User] {
        let select = select
        return try await pool.retrying { connection in
            try connection.run(select + " ORDER BY name").rows.map(User.init)
        }
    }

    package func user(_ name: String) async throws -> User? {
        try await pool.retrying { [self] connection in
            try connection.run(select + " WHERE name = \(name)").rows.first.map(User.init)
        }
    }

    package func user(id: Int) async throws -> User? {
        try await pool.retrying { [self] connection in
            try connection.run(select + " WHERE id = \(id)").rows.first.map(User.init)
        }
    }

    /// By what the table compares a name: equal for names of which it holds only one.
    package func sortKey(of name: String) async throws -> String {
        // Longer ones are nobody's, and blanks at the end do not count.
        var name = String(String.UnicodeScalarView(name.unicodeScalars.prefix(UserProfile.longestName + 1)))
        while name.unicodeScalars.last == " " { name.unicodeScalars.removeLast() }
        return try await pool.withConnection { [name] connection in
            try connection.run("SELECT HEX(WEIGHT_STRING(\(name) COLLATE utf8mb4_general_ci))").rows[0].text(0)
        }
    }

    /// Which of these were imported before.
    package func origins(among origins: [String]) async throws -> Set<String> {
        try await pool.retrying { [users] connection in
            let query: Query = "SELECT imported_from FROM \(users) WHERE imported_from IN \(list: origins)"
            return Set(try connection.run(query).rows.map { try $0.text(0) })
        }
    }

    /// Who signs in with a name and a password.
    /// - Returns: nil when there is no such user, he is disabled or the password is wrong; the time tells not which.
    package func signIn(_ name: String, _ password: String, _ passwords: Passwords) async throws -> (
        user: User, isOutdated: Bool
    )? {
        let found: (User, PasswordHash?)? = try await pool.retrying { [self] connection in
            try connection.run(select + " WHERE name = \(name)").rows.first.map { row in
                (try User(row), PasswordHash(try row.text(11)))
            }
        }
        let stored = found.flatMap { $0.disabledAt == nil ? $1 : nil }
        guard case .right(let isOutdated) = try await passwords.verify(password, stored), let found else { return nil }
        return (found.0, isOutdated)
    }

    private var select: Query {
        """
        SELECT id, name, email, real_name, telephone, role, created_at, updated_at, password_changed_at, disabled_at,
          imported_from, password_hash FROM \(users)
        """
    }

    // MARK: Writing

    /// - Parameters:
    ///   - createdAt: nil: now.
    ///   - importedFrom: what he was in an old program.
    /// - Throws: `UserError.nameTaken` or `invalid`.
    package func add(
        _ profile: UserProfile, _ password: PasswordHash, createdAt: Timestamp? = nil, importedFrom: String? = nil
    ) async throws {
        try profile.check()
        try await pool.retrying { [users] connection in
            do throws(MySQLError) {
                try connection.run(
                    """
                    INSERT INTO \(users) (name, email, real_name, telephone, role, password_hash, created_at, updated_at,
                      password_changed_at, imported_from)
                    VALUES (\(profile.name), \(profile.email), \(profile.realName), \(profile.telephone),
                      \(profile.role.rawValue), \(password.text), COALESCE(\(optional: createdAt), UTC_TIMESTAMP(6)),
                      UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), \(optional: importedFrom))
                    """)
            } catch {
                guard error.code == .duplicateKey else { throw error }
                throw UserError.nameTaken(profile.name)
            }
        }
    }

    /// Adds the user `admin` to a table without users. Any number of programs may try at once: one does it.
    /// - Returns: whether it was this call.
    package func addFirstAdministrator(_ password: PasswordHash) async throws -> Bool {
        try await pool.retrying { [users] connection in
            do throws(MySQLError) {
                return try connection.run(
                    """
                    INSERT INTO \(users) (name, role, password_hash, created_at, updated_at, password_changed_at)
                    SELECT 'admin', \(Role.administrator.rawValue), \(password.text), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6),
                      UTC_TIMESTAMP(6) FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM \(users))
                    """
                ).affected == 1
            } catch {
                guard error.code == .duplicateKey else { throw error }
                return false
            }
        }
    }

    /// Stores the password that a user has just signed in with by the present method; his sessions go on.
    package func replaceHash(of user: User, _ password: PasswordHash) async throws {
        _ = try await pool.retrying { [users] connection in
            // Not over a password that was changed meanwhile.
            try connection.run(
                """
                UPDATE \(users) SET password_hash = \(password.text)
                WHERE id = \(user.id) AND password_changed_at = \(user.passwordChangedAt)
                """)
        }
    }

    /// Ends all sessions of the user, too.
    package func setPassword(of name: String, _ password: PasswordHash) async throws {
        try await change(name) { [users] connection, _ in
            try connection.run(
                """
                UPDATE \(users) SET password_hash = \(password.text), password_changed_at = UTC_TIMESTAMP(6),
                  updated_at = UTC_TIMESTAMP(6) WHERE name = \(name)
                """)
        }
    }

    /// - Throws: `UserError.lastAdministrator` too.
    package func setRole(of name: String, _ role: Role) async throws {
        try await change(name) { [users] connection, isLast in
            if isLast, role != .administrator { throw UserError.lastAdministrator(name) }
            try connection.run(
                "UPDATE \(users) SET role = \(role.rawValue), updated_at = UTC_TIMESTAMP(6) WHERE name = \(name)")
        }
    }

    /// Changes all but the name, by which the user is found.
    /// - Throws: `UserError.lastAdministrator` or `invalid` too.
    package func update(_ profile: UserProfile) async throws {
        try profile.check()
        try await change(profile.name) { [users] connection, isLast in
            if isLast, profile.role != .administrator { throw UserError.lastAdministrator(profile.name) }
            try connection.run(
                """
                UPDATE \(users) SET email = \(profile.email), real_name = \(profile.realName),
                  telephone = \(profile.telephone), role = \(profile.role.rawValue), updated_at = UTC_TIMESTAMP(6)
                WHERE name = \(profile.name)
                """)
        }
    }

    /// - Throws: `UserError.lastAdministrator` too.
    package func delete(_ name: String) async throws {
        try await change(name) { [users] connection, isLast in
            if isLast { throw UserError.lastAdministrator(name) }
            try connection.run("DELETE FROM \(users) WHERE name = \(name)")
        }
    }

    /// - Throws: `UserError.lastAdministrator` too.
    package func disable(_ name: String) async throws {
        try await change(name) { [users] connection, isLast in
            if isLast { throw UserError.lastAdministrator(name) }
            try connection.run(
                """
                UPDATE \(users) SET disabled_at = COALESCE(disabled_at, UTC_TIMESTAMP(6)),
                  updated_at = UTC_TIMESTAMP(6) WHERE name = \(name)
                """)
        }
    }

    package func enable(_ name: String) async throws {
        try await change(name) { [users] connection, _ in
            try connection.run(
                "UPDATE \(users) SET disabled_at = NULL, updated_at = UTC_TIMESTAMP(6) WHERE name = \(name)")
        }
    }

    /// Changes one user in a transaction that holds all administrators who can sign in, so that of two at once who would
    /// take away the last two, one finds himself the last.
    /// - Parameter body: told whether the user is the last administrator.
    private func change(
        _ name: String, _ body: @escaping @Sendable (Connection, _ isLastAdministrator: Bool) throws -> Void
    ) async throws {
        try await pool.withTransaction { [users] connection in
            let administrators = try connection.run(
                """
                SELECT id FROM \(users) WHERE role = \(Role.administrator.rawValue) AND disabled_at IS NULL
                ORDER BY id FOR UPDATE
                """
            ).rows.map { try $0.integer(0) }
            guard
                let id = try connection.run("SELECT id FROM \(users) WHERE name = \(name) FOR UPDATE").rows.first?
                    .integer(0)
            else { throw UserError.unknown(name) }
            try body(connection, administrators == [id])
        }
    }
}

extension User {
    fileprivate init(_ row: Row) throws(MySQLError) {
        guard let role = Role(rawValue: try row.text(5)) else {
            throw MySQLError(.unexpectedRow, "users.role holds \(try row.text(5))")
        }
        id = try row.integer(0)
        profile = UserProfile(name: try row.text(1), role: role)
        profile.email = try row.text(2)
        profile.realName = try row.text(3)
        profile.telephone = try row.text(4)
        createdAt = try row.time(6)
        updatedAt = try row.time(7)
        passwordChangedAt = try row.time(8)
        disabledAt = try row.optional(9, Row.time)
        importedFrom = try row.optional(10, Row.text)
    }
}
