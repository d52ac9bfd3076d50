import CMariaDB

/// One session with the server. It belongs to the thread that opened it and is never shared.
package final class Connection {
    package let server: ServerInfo
    let handle: UnsafeMutablePointer<MYSQL>
    private var prepared: [String: PreparedStatement] = [:]

    /// More than the program has statements; a bound in case one is built with ever new text.
    private static let preparedLimit = 256

    package init(_ options: ConnectionOptions) throws(MySQLError) {
        guard let handle = mysql_init(nil) else {
            throw MySQLError(.cannotConnectHost, "libmariadb could not allocate a connection")
        }
        self.handle = handle
        do throws(MySQLError) {
            try Self.open(handle, options)
            try Self.prepareSession(handle, options)
            server = try ServerInfo(reading: handle, isOnlyRead: options.isOnlyRead)
        } catch {
            mysql_close(handle)
            throw error
        }
    }

    deinit {
        for statement in prepared.values { statement.close() }
        mysql_close(handle)
    }

    // MARK: Statements

    /// Runs one statement by the binary protocol and gives its rows or counts.
    @discardableResult
    package func run(_ query: Query) throws(MySQLError) -> StatementResult {
        let statement: PreparedStatement
        if let known = prepared[query.text] {
            statement = known
        } else {
            statement = try PreparedStatement(handle, query.text)
            if prepared.count >= Self.preparedLimit {
                for old in prepared.values { old.close() }
                prepared.removeAll()
            }
            prepared[query.text] = statement
        }
        do throws(MySQLError) {
            return try statement.run(query.parameters)
        } catch {
            statement.close()
            prepared[query.text] = nil
            throw error
        }
    }

    /// Sends all statements of the script in one round trip and gives one result for each.
    ///
    /// The server stops at the first that fails; what an open transaction did before it is for the caller to roll back.
    @discardableResult
    package func run(_ script: Script) throws(MySQLError) -> [StatementResult] {
        if script.isEmpty { return [] }
        var results: [StatementResult] = []
        results.reserveCapacity(script.count)
        var status = script.bytes.withUnsafeBytes {
            mysql_real_query(handle, $0.baseAddress!.assumingMemoryBound(to: CChar.self), UInt(script.bytes.count))
        }
        while status == 0 {
            results.append(try TextResult.read(from: handle))
            guard mysql_more_results(handle) != 0 else { break }
            status = mysql_next_result(handle)
        }
        guard status <= 0 else { throw MySQLError(handle) }
        guard results.count == script.count else {
            // A session that is killed between two statements answers the first as if it were the last.
            throw MySQLError(
                .connectionKilled, "the session ended after \(results.count) of \(script.count) statements")
        }
        return results
    }

    /// Runs statements that are read from a file; they have no parameters.
    package func run(text: String) throws(MySQLError) {
        guard mysql_real_query(handle, text, UInt(text.utf8.count)) == 0 else { throw MySQLError(handle) }
        repeat { _ = try TextResult.read(from: handle) } while mysql_next_result(handle) == 0
        guard mysql_errno(handle) == 0 else { throw MySQLError(handle) }
    }

    // MARK: Transactions

    /// Runs `body` between START TRANSACTION and COMMIT; an error rolls back and is passed on.
    package func transaction<T>(_ body: (Connection) throws -> T) throws -> T {
        try begin()
        let value: T
        do {
            value = try body(self)
        } catch {
            rollback()
            throw error
        }
        try commit()
        return value
    }

    private func begin() throws(MySQLError) {
        guard mysql_query(handle, "START TRANSACTION") == 0 else { throw MySQLError(handle) }
    }

    private func commit() throws(MySQLError) {
        guard mysql_query(handle, "COMMIT") == 0 else { throw MySQLError(handle).duringCommit }
    }

    /// Ends a transaction without its changes. That it fails means that the connection is gone, and with it the
    /// transaction; the next statement says so.
    package func rollback() {
        mysql_query(handle, "ROLLBACK")
    }

    /// The descriptor of its socket.
    package var socket: Int32? { mysql_get_socket(handle) }

    /// Whether the server still answers.
    package func ping() -> Bool {
        mysql_ping(handle) == 0
    }

    // MARK: Opening

    private static func open(_ handle: UnsafeMutablePointer<MYSQL>, _ options: ConnectionOptions) throws(MySQLError) {
        func seconds(_ duration: Duration) -> UInt32 { UInt32(clamping: max(1, duration.components.seconds)) }
        schedulerd_option_uint(handle, MYSQL_OPT_CONNECT_TIMEOUT, seconds(options.connectTimeout))
        schedulerd_option_uint(handle, MYSQL_OPT_READ_TIMEOUT, seconds(options.readTimeout))
        schedulerd_option_uint(handle, MYSQL_OPT_WRITE_TIMEOUT, seconds(options.writeTimeout))
        schedulerd_option_text(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4")
        schedulerd_option_bool(handle, MYSQL_OPT_RECONNECT, 0)
        schedulerd_option_uint(handle, MYSQL_OPT_LOCAL_INFILE, 0)
        if options.socket == nil {
            schedulerd_option_uint(handle, MYSQL_OPT_PROTOCOL, MYSQL_PROTOCOL_TCP.rawValue)
            if let authorities = options.tlsCA {
                schedulerd_option_text(handle, MYSQL_OPT_SSL_CA, authorities)
            }
            schedulerd_option_bool(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, options.tls == .verify ? 1 : 0)
            if options.tls == .required || options.tls == .verify {
                schedulerd_option_bool(handle, MYSQL_OPT_SSL_ENFORCE, 1)
            }
        }
        let flags = UInt(CLIENT_MULTI_STATEMENTS) | UInt(CLIENT_FOUND_ROWS)
        func connect(_ flags: UInt) -> Bool {
            mysql_real_connect(
                handle, options.socket == nil ? options.host : nil, options.user, options.password, options.database,
                UInt32(options.port), options.socket, flags) != nil
        }
        if options.tls == .preferred && options.socket == nil {
            // libmariadb asks for TLS only when told to, and fails when the server has none: ask, then do without.
            schedulerd_option_bool(handle, MYSQL_OPT_SSL_ENFORCE, 1)
            if connect(flags) { return }
            guard mysql_errno(handle) == UInt32(CR_SSL_CONNECTION_ERROR) else { throw MySQLError(handle) }
            schedulerd_option_bool(handle, MYSQL_OPT_SSL_ENFORCE, 0)
        }
        guard connect(flags) else { throw MySQLError(handle) }
        // libmariadb takes a server that has none: "enforce" is a wish to it.
        let needsTLS = options.socket == nil && (options.tls == .required || options.tls == .verify)
        if needsTLS, mysql_get_ssl_cipher(handle) == nil {
            throw MySQLError(
                .tls,
                "the server at \(options.host):\(options.port) offers no TLS, which tls: \(options.tls.rawValue) demands"
            )
        }
    }

    /// READ COMMITTED because of deadlocks measured under REPEATABLE READ; the SQL mode is what `Script` relies on.
    private static func prepareSession(
        _ handle: UnsafeMutablePointer<MYSQL>, _ options: ConnectionOptions
    ) throws(MySQLError) {
        let settings = [
            "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
            "SET NAMES utf8mb4",
            "SET SESSION time_zone = '+00:00', SESSION sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO',"
                + " SESSION innodb_lock_wait_timeout = \(max(1, options.lockWait.components.seconds)),"
                // For LOCK TABLES and ALTER TABLE of others; the server's own limit is a day or a year.
                + " SESSION lock_wait_timeout = \(max(1, options.lockWait.components.seconds)),"
                + " SESSION autocommit = 1",
        ]
        for setting in settings where mysql_query(handle, setting) != 0 { throw MySQLError(handle) }
    }
}

extension MySQLError {
    init(_ handle: UnsafeMutablePointer<MYSQL>) {
        let code = mysql_errno(handle)
        self.init(
            code == 0 ? .serverLost : Code(rawValue: code),
            code == 0 ? "the connection ended" : String(cString: mysql_error(handle)))
    }

    /// The same error, met while committing.
    package var duringCommit: MySQLError {
        MySQLError(code, message, isCommitUnknown: losesConnection)
    }
}
