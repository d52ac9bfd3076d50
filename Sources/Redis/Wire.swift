import CHiredis
import Glibc

/// The bytes between a connection and the server: hiredis' socket and parser.
final class Wire {
    private let context: UnsafeMutablePointer<redisContext>
    private var output: [UInt8] = []
    /// False once something went wrong: what the socket has to say is then no answer to what is asked next.
    private(set) var isOpen = true

    /// The address of a unix socket holds 107 bytes and a zero; hiredis would cut off the rest.
    private static let longestPath = 107

    init(_ options: ConnectionOptions) throws(RedisError) {
        guard !options.tls else {
            throw RedisError(
                .tlsUnavailable, "TLS to Redis is not possible with hiredis 0.14: use a unix socket or a tunnel")
        }
        let timeout = Self.timeval(options.connectTimeout)
        var error: Int32 = 0
        let context: UnsafeMutablePointer<redisContext>?
        if let path = options.socket {
            guard path.utf8.count <= Self.longestPath else {
                throw RedisError(.connect, "the path of the socket \(path) is longer than \(Self.longestPath) bytes")
            }
            context = schedulerd_redis_connect_unix(path, timeout, &error)
        } else {
            context = schedulerd_redis_connect_tcp(options.host, Int32(clamping: options.port), timeout, &error)
        }
        guard let context else { throw RedisError(.connect, "hiredis could not allocate a connection") }
        self.context = context
        if error != 0 {
            throw RedisError(.connect, "\(options.display): \(reason(error))")
        }
        if options.socket == nil { redisEnableKeepAlive(context) }
        try limitSilence(options.connectTimeout)
    }

    deinit {
        redisFree(context)
    }

    /// How long the server may be silent from now on.
    func limitSilence(_ limit: Duration) throws(RedisError) {
        guard redisSetTimeout(context, Self.timeval(limit)) == REDIS_OK else {
            throw RedisError(.connect, "the socket refuses a timeout of \(limit)")
        }
    }

    func send(_ commands: some Collection<Command>) throws(RedisError) {
        guard isOpen else { throw RedisError(.closed, "the connection has ended") }
        output.removeAll(keepingCapacity: output.capacity <= Self.keptOutput)
        for command in commands { command.encode(to: &output) }
        let error = output.withUnsafeBytes { schedulerd_redis_send(context, $0.baseAddress, $0.count) }
        // A server that has hung up may have said why, as when it has too many clients: then reading tells.
        if error != 0, error != EPIPE, error != ECONNRESET { throw lost(error) }
    }

    private static let keptOutput = 1 << 20

    /// The next reply.
    /// - Throws: the server's error, after which the wire is open, or why nothing will come any more.
    func receive() throws(RedisError) -> Reply {
        guard isOpen else { throw RedisError(.closed, "the connection has ended") }
        var received: UnsafeMutablePointer<redisReply>?
        let error = schedulerd_redis_receive(context, &received)
        guard error == 0, let received else { throw lost(error) }
        defer { freeReplyObject(received) }
        let reply: Reply
        do throws(RedisError) {
            reply = try Reply(received)
        } catch {
            isOpen = false
            throw error
        }
        if case .error(let error) = reply { throw error }
        return reply
    }

    /// Open, with nothing to be read: neither an end nor bytes that nobody asked for.
    var isQuiet: Bool { isOpen && schedulerd_redis_is_quiet(context) != 0 }

    private func lost(_ error: Int32) -> RedisError {
        isOpen = false
        let code: RedisError.Code =
            switch (error, context.pointee.err) {
            case (EAGAIN, _): .timeout
            case (-1, REDIS_ERR_PROTOCOL): .protocolViolation
            default: .closed
            }
        let message = code == .timeout ? "the server was silent for too long" : reason(error)
        return RedisError(code, message, isOutcomeUnknown: true)
    }

    /// -1: hiredis gives the reason.
    private func reason(_ error: Int32) -> String {
        if error != -1 { return String(cString: strerror(error)) }
        return withUnsafePointer(to: context.pointee.errstr) {
            $0.withMemoryRebound(to: CChar.self, capacity: 1) { String(cString: $0) }
        }
    }

    private static func timeval(_ duration: Duration) -> Glibc.timeval {
        // Zero would be: for ever.
        let (seconds, attoseconds) = max(duration, .milliseconds(1)).components
        return Glibc.timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
    }
}
