/// What went wrong between this program and the Redis server.
package struct RedisError: Error, Sendable, Equatable, CustomStringConvertible {
    /// One of ours in lower camel case, or the first word of the server's error reply, in capitals.
    package struct Code: RawRepresentable, Sendable, Hashable {
        package let rawValue: String
        package init(rawValue: String) { self.rawValue = rawValue }

        /// No way to the server.
        package static let connect = Code(rawValue: "connect")
        /// The server was silent for longer than `connectTimeout` or `commandTimeout`.
        package static let timeout = Code(rawValue: "timeout")
        /// The connection ended.
        package static let closed = Code(rawValue: "closed")
        /// What came back is not the protocol of Redis (RESP2).
        package static let protocolViolation = Code(rawValue: "protocol")
        /// User or password is wrong or missing, or given to a server that has none.
        package static let authentication = Code(rawValue: "authentication")
        package static let tooManyClients = Code(rawValue: "tooManyClients")
        /// The server is too old, or does not tell what it is.
        package static let unsupportedServer = Code(rawValue: "unsupportedServer")
        package static let tlsUnavailable = Code(rawValue: "tlsUnavailable")
        /// A reply was not of the kind that the program expects.
        package static let unexpectedReply = Code(rawValue: "unexpectedReply")
        /// No connection came free within the pool's waiting time.
        package static let poolTimeout = Code(rawValue: "poolTimeout")
        /// More callers wait for a connection than the pool admits.
        package static let poolFull = Code(rawValue: "poolFull")
        package static let poolClosed = Code(rawValue: "poolClosed")

        /// A script or function runs for too long already.
        package static let busy = Code(rawValue: "BUSY")
        package static let clusterDown = Code(rawValue: "CLUSTERDOWN")
        package static let generic = Code(rawValue: "ERR")
        package static let loading = Code(rawValue: "LOADING")
        package static let masterDown = Code(rawValue: "MASTERDOWN")
        /// The server refuses writes because it cannot save its data.
        package static let misconfigured = Code(rawValue: "MISCONF")
        /// The key belongs to another node of a cluster.
        package static let moved = Code(rawValue: "MOVED")
        package static let notEnoughReplicas = Code(rawValue: "NOREPLICAS")
        package static let noPermission = Code(rawValue: "NOPERM")
        package static let noScript = Code(rawValue: "NOSCRIPT")
        /// The server's memory is full.
        package static let outOfMemory = Code(rawValue: "OOM")
        /// The server is, or has become, a replica.
        package static let readOnly = Code(rawValue: "READONLY")
        package static let tryAgain = Code(rawValue: "TRYAGAIN")
        package static let unblocked = Code(rawValue: "UNBLOCKED")
        package static let wrongType = Code(rawValue: "WRONGTYPE")
    }

    package let code: Code
    package let message: String
    /// The connection was lost after commands were sent: whether they took effect is not known.
    package let isOutcomeUnknown: Bool

    package init(_ code: Code, _ message: String, isOutcomeUnknown: Bool = false) {
        self.code = code
        self.message = message
        self.isOutcomeUnknown = isOutcomeUnknown
    }

    /// Reads the text of an error reply, `WRONGTYPE Operation against …`.
    init(reply text: String) {
        let word = text.prefix { $0 != " " }
        let isCode =
            !word.isEmpty && word.allSatisfy { ("A"..."Z").contains($0) || ("0"..."9").contains($0) || $0 == "_" }
        if word == "NOAUTH" || word == "WRONGPASS" {
            self.init(.authentication, text)
        } else if text.hasPrefix("ERR max number of clients") {
            self.init(.tooManyClients, text)
        } else {
            self.init(isCode ? Code(rawValue: String(word)) : .generic, text)
        }
    }

    package var description: String {
        "Redis error \(code.rawValue): \(message)\(isOutcomeUnknown ? " (outcome unknown)" : "")"
    }

    /// What a caller does about an error: the only place that says so.
    package enum Remedy: Sendable {
        /// The server cannot do it just now: again, with backoff, on any connection.
        case retry
        /// The connection is of no use any more, or none could be had: again on a new one, with backoff.
        case reconnect
        /// Trying again would fail in the same way.
        case none
    }

    package var remedy: Remedy {
        switch code {
        case .busy, .clusterDown, .loading, .masterDown, .misconfigured, .notEnoughReplicas, .outOfMemory, .tryAgain:
            .retry
        // READONLY and UNBLOCKED come with a failover: the address may lead to another server by now.
        case .connect, .timeout, .closed, .protocolViolation, .tooManyClients, .poolTimeout, .poolFull, .readOnly,
            .unblocked:
            .reconnect
        default: .none
        }
    }

    /// Whether the same work may succeed later without a change to program or configuration.
    package var isTransient: Bool {
        if case .none = remedy { false } else { true }
    }

    /// Whether the connection that gave this error must be closed.
    package var losesConnection: Bool {
        switch code {
        case .connect, .timeout, .closed, .protocolViolation, .tooManyClients, .readOnly, .unblocked: true
        default: false
        }
    }
}
