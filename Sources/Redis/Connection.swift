import CHiredis

/// One session with the server. It belongs to the thread that opened it and is never shared.
package final class Connection {
    package let server: ServerInfo
    private let wire: Wire
    /// The server's digests of the scripts that this session has run.
    private var digests: [LuaScript: String] = [:]

    package init(_ options: ConnectionOptions) throws(RedisError) {
        wire = try Wire(options)
        do throws(RedisError) {
            server = try Self.signIn(wire, options)
        } catch {
            // Nothing of the caller's was sent yet, so nothing is unknown.
            throw RedisError(error.code, "\(options.display): \(error.message)")
        }
        try wire.limitSilence(options.commandTimeout)
    }

    // MARK: Commands

    /// Runs one command.
    /// - Throws: the server's error, or what became of the connection.
    @discardableResult
    package func run(_ command: Command) throws(RedisError) -> Reply {
        try wire.send(CollectionOfOne(command))
        return try wire.receive()
    }

    /// Sends all commands in one round trip and gives one result for each; one that fails does not keep the server from
    /// running the next.
    /// - Throws: what became of the connection; then nobody knows which of them took effect.
    package func pipeline(_ commands: [Command]) throws(RedisError) -> [Result<Reply, RedisError>] {
        try wire.send(commands)
        var results: [Result<Reply, RedisError>] = []
        results.reserveCapacity(commands.count)
        for _ in commands {
            do throws(RedisError) {
                results.append(.success(try wire.receive()))
            } catch {
                guard wire.isOpen else { throw error }
                results.append(.failure(error))
            }
        }
        return results
    }

    /// Runs a script by its digest, and with its text when the server does not have it: the first time, and after it
    /// was restarted or flushed.
    @discardableResult
    package func run(
        _ script: LuaScript, keys: [any CommandArgument], arguments: [any CommandArgument] = []
    ) throws(RedisError) -> Reply {
        guard let digest = digests[script] else {
            let results = try pipeline([["SCRIPT", "LOAD", script.text], script.command(keys, arguments)])
            // Whatever is wrong with the script, running it says so too.
            if case .success(let loaded) = results[0] { digests[script] = try loaded.asText }
            return try results[1].get()
        }
        do throws(RedisError) {
            return try run(script.command(digest, keys, arguments))
        } catch {
            guard error.code == .noScript else { throw error }
            return try run(script.command(keys, arguments))
        }
    }

    /// Whether the server still answers.
    package func ping() -> Bool {
        do throws(RedisError) {
            try run(["PING"])
            return true
        } catch {
            return wire.isOpen  // the server may answer that it is loading
        }
    }

    /// Whether the connection is there, as far as can be told without asking the server.
    package var isOpen: Bool { wire.isQuiet }

    // MARK: Opening

    /// In one round trip: who we are, which database, and what the server is.
    private static func signIn(_ wire: Wire, _ options: ConnectionOptions) throws(RedisError) -> ServerInfo {
        let authenticate: Command? =
            if let user = options.user { ["AUTH", user, options.password ?? ""] } else {
                options.password.map { ["AUTH", $0] }
            }
        let name: Command? = options.clientName.map { ["CLIENT", "SETNAME", $0] }
        let select: Command? = options.database == 0 ? nil : ["SELECT", options.database]
        try wire.send([authenticate, name, select, ["INFO", "server"]].compactMap { $0 })

        if authenticate != nil {
            do throws(RedisError) {
                _ = try wire.receive()
            } catch {
                throw error.code == .generic ? RedisError(.authentication, error.message) : error
            }
        }
        if name != nil {
            do throws(RedisError) {
                _ = try wire.receive()
            } catch {
                // An ACL may forbid to set a name, which nothing depends on.
                guard wire.isOpen, error.code == .noPermission else { throw error }
            }
        }
        if select != nil { _ = try wire.receive() }
        do throws(RedisError) {
            return try ServerInfo(info: wire.receive().asText)
        } catch {
            guard error.code == .noPermission else { throw error }
            return .withACL
        }
    }
}
