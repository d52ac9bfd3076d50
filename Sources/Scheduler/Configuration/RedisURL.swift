/// A Redis server as one text: `redis://[[user]:password@]host[:port][/db]` or
/// `unix://[[user]:password@]/path[?db=N]`.
struct RedisURL {
    var host = "127.0.0.1"
    var port = 6379
    var socket: String?
    var user: String?
    var password: String?
    var database = 0

    static let accepted =
        "redis://[[user]:password@]host[:port][/db] or unix://[[user]:password@]/path[?db=N]"

    /// What is wrong with a text, if anything; it repeats nothing of it.
    static func fault(in text: String) -> String? {
        do throws(Fault) {
            _ = try RedisURL(text)
            return nil
        } catch {
            return error.problem
        }
    }

    struct Fault: Error {
        let problem: String
    }

    /// The same server for who signs in by the password alone, as delayQS did whatever its URL said.
    static func withoutUser(_ text: String) -> String {
        guard let scheme = text.firstRange(of: "://") else { return text }
        let authority = text[scheme.upperBound...].prefix { $0 != "/" }
        guard authority.contains("@"), let colon = authority.firstIndex(of: ":") else { return text }
        return String(text[..<scheme.upperBound] + text[colon...])
    }

    init(_ text: String) throws(Fault) {
        guard let separator = text.firstRange(of: "://") else { throw Fault(problem: "has no scheme") }
        let scheme = text[..<separator.lowerBound].lowercased()
        var rest = text[separator.upperBound...]
        let authority = rest.prefix { $0 != "/" }
        if let at = authority.lastIndex(of: "@") {
            try readLogin(authority[..<at])
            rest = rest[rest.index(after: at)...]
        }
        switch scheme {
        case "redis": try readAddress(rest)
        case "unix": try readPath(rest)
        case "rediss":
            throw Fault(problem: "asks for TLS, which is not offered to Redis: use a unix socket or a tunnel")
        default: throw Fault(problem: "has neither redis nor unix as its scheme")
        }
    }

    private mutating func readLogin(_ login: Substring) throws(Fault) {
        guard let colon = login.firstIndex(of: ":") else {
            throw Fault(problem: "has a user without a password; a password alone is written :password@")
        }
        user = try Self.decoded(login[..<colon])
        password = try Self.decoded(login[login.index(after: colon)...])
        if user?.isEmpty == true { user = nil }
        if password?.isEmpty == true { throw Fault(problem: "has an empty password") }
    }

    private mutating func readAddress(_ text: Substring) throws(Fault) {
        let address = text.prefix { $0 != "/" }
        if address.hasPrefix("[") {
            guard let end = address.firstIndex(of: "]") else { throw Fault(problem: "lacks the ] after the address") }
            host = String(address[address.index(after: address.startIndex)..<end])
            try readPort(address[address.index(after: end)...])
        } else {
            let name = address.prefix { $0 != ":" }
            host = String(name)
            try readPort(address[name.endIndex...])
        }
        if host.isEmpty { throw Fault(problem: "has no host") }
        if let fault = ConfigurationTextRule.host.fault(in: host) { throw Fault(problem: "has a host that \(fault)") }
        try readDatabase(text[address.endIndex...].dropFirst())
    }

    private mutating func readPort(_ text: Substring) throws(Fault) {
        if text.isEmpty { return }
        guard text.first == ":", let number = Self.number(text.dropFirst()), (1...65535).contains(number) else {
            throw Fault(problem: "has a port that is not a number from 1 to 65535")
        }
        port = number
    }

    private mutating func readPath(_ text: Substring) throws(Fault) {
        let path = text.prefix { $0 != "?" }
        guard path.hasPrefix("/"), path.count > 1 else { throw Fault(problem: "has no absolute path") }
        let socket = try Self.decoded(path)
        if let fault = ConfigurationTextRule.socket.fault(in: socket) {
            throw Fault(problem: "has a path that \(fault)")
        }
        self.socket = socket
        let query = text[path.endIndex...].dropFirst()
        if query.isEmpty { return }
        guard query.hasPrefix("db=") else { throw Fault(problem: "has a query other than db=N") }
        try readDatabase(query.dropFirst(3))
    }

    private mutating func readDatabase(_ text: Substring) throws(Fault) {
        if text.isEmpty { return }
        guard let number = Self.number(text), (0...65535).contains(number) else {
            throw Fault(problem: "has a database that is not a number from 0 to 65535")
        }
        database = number
    }

    private static func number(_ digits: Substring) -> Int? {
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(digits)
    }

    private static func decoded(_ text: Substring) throws(Fault) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard digits.utf8.count == 2, !digits.hasPrefix("+"), let escaped = UInt8(digits, radix: 16) else {
                throw Fault(problem: "has a % that two hexadecimal digits do not follow")
            }
            bytes.append(escaped)
            rest = rest.dropFirst(2)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw Fault(problem: "has escapes that are not UTF-8")
        }
        return decoded
    }
}

extension Configuration.Redis {
    /// The server of a URL, with the connections of the section; that of the section without a URL.
    init(_ values: ConfigurationValues, url: String?) {
        self.init(values)
        guard let url else { return }
        guard let server = try? RedisURL(url) else { preconditionFailure("the URL was checked when it was set") }
        host = server.host
        port = server.port
        socket = server.socket
        user = server.user
        password = server.password
        database = server.database
    }
}
