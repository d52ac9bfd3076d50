/// What went wrong between this program and the database server.
package struct MySQLError: Error, Sendable, CustomStringConvertible {
    /// A server error (1000 and up, see the servers' manuals), a client error of libmariadb (2000 and up), or one of ours.
    package struct Code: RawRepresentable, Sendable, Hashable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }

        package static let recordChanged = Code(rawValue: 1020)
        package static let tooManyConnections = Code(rawValue: 1040)
        package static let accessDenied = Code(rawValue: 1045)
        package static let unknownDatabase = Code(rawValue: 1049)
        package static let serverShutdown = Code(rawValue: 1053)
        package static let duplicateKey = Code(rawValue: 1062)
        package static let tableAccessDenied = Code(rawValue: 1142)
        package static let noSuchTable = Code(rawValue: 1146)
        package static let lockWaitTimeout = Code(rawValue: 1205)
        package static let deadlock = Code(rawValue: 1213)
        package static let optionPreventsStatement = Code(rawValue: 1290)
        package static let queryInterrupted = Code(rawValue: 1317)
        /// A right that the statement needs, and that is not given for a table.
        package static let lacksPrivilege = Code(rawValue: 1227)
        /// Of EXCHANGE PARTITION, when the table and the partition are not quite the same.
        package static let partitionIsOtherwise = Code(rawValue: 1731)
        package static let partitionDiffers = Code(rawValue: 1736)
        package static let connectionKilled = Code(rawValue: 1927)
        package static let cannotConnectSocket = Code(rawValue: 2002)
        package static let cannotConnectHost = Code(rawValue: 2003)
        package static let serverGone = Code(rawValue: 2006)
        package static let serverLost = Code(rawValue: 2013)
        package static let tls = Code(rawValue: 2026)
        package static let serverLostExtended = Code(rawValue: 2055)
        /// MySQL's words to a session that lay unused for longer than `wait_timeout`.
        package static let disconnectedForInactivity = Code(rawValue: 4031)

        /// No connection came free within the pool's waiting time.
        package static let poolTimeout = Code(rawValue: 1)
        /// More callers wait for a connection than the pool admits.
        package static let poolFull = Code(rawValue: 2)
        package static let poolClosed = Code(rawValue: 3)
        /// A row did not have the type that the program expects.
        package static let unexpectedRow = Code(rawValue: 4)
        /// The server or its settings cannot carry the scheduler.
        package static let unsupportedServer = Code(rawValue: 5)
        /// The task is one of a day that is just being removed; in a while it can be stored.
        package static let dayIsBeingRemoved = Code(rawValue: 6)
    }

    package let code: Code
    package let message: String
    /// The connection was lost while a COMMIT was under way: whether it took effect is not known.
    package let isCommitUnknown: Bool

    package init(_ code: Code, _ message: String, isCommitUnknown: Bool = false) {
        self.code = code
        self.message = message
        self.isCommitUnknown = isCommitUnknown
    }

    package var description: String {
        "MySQL error \(code.rawValue): \(message)\(isCommitUnknown ? " (during COMMIT: outcome unknown)" : "")"
    }

    /// What a caller does about an error: the only place that says so.
    package enum Remedy: Sendable {
        /// The transaction was rolled back for reasons of others: run the whole of it again, with jitter.
        case retryTransaction
        /// The connection is of no use any more, or none could be had: again on a new one, with backoff.
        case reconnect
        /// Trying again would fail in the same way.
        case none
    }

    package var remedy: Remedy {
        switch code {
        case .deadlock, .lockWaitTimeout, .recordChanged, .queryInterrupted: .retryTransaction
        case .serverGone, .serverLost, .serverLostExtended, .serverShutdown, .connectionKilled, .cannotConnectSocket,
            .cannotConnectHost, .tooManyConnections, .optionPreventsStatement, .disconnectedForInactivity, .poolTimeout,
            .poolFull, .dayIsBeingRemoved:
            .reconnect
        default: (2000..<3000).contains(code.rawValue) ? .reconnect : .none
        }
    }

    /// Whether a value is at fault, so that the same work without it would succeed: too long, out of range, not in the
    /// column's character set, or more in one statement than the server takes.
    package var isValueRefused: Bool {
        [1153, 1264, 1265, 1292, 1366, 1406].contains(code.rawValue)
    }

    /// Whether the same work may succeed later without anybody mending anything.
    package var isTransient: Bool {
        if case .none = remedy { false } else { true }
    }

    /// Whether the connection that gave this error must be closed.
    package var losesConnection: Bool {
        switch code {
        case .serverShutdown, .connectionKilled, .disconnectedForInactivity: true
        // A server that became read-only answers on: only a new connection finds the one that took its place.
        case .optionPreventsStatement: true
        default: (2000..<3000).contains(code.rawValue)
        }
    }
}
