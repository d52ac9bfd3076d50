package import MySQL

/// Where another program's database is: `mysql://user:password@host:port/database`, or in the words of Go's driver
/// `user:password@tcp(host:port)/database`.
package struct DataSourceName: Sendable, Equatable {
    package var options: ConnectionOptions
    /// nil: it does not say.
    package var password: String?

    /// Never names the password.
    package struct Malformed: Error, Sendable, Equatable, CustomStringConvertible {
        package let problem: String

        package var description: String {
            "\(problem); needed is mysql://user:password@host:port/database"
                + " or user:password@tcp(host:port)/database (the password may be left out)"
        }
    }

    package init(_ text: String) throws(Malformed) {
        options = ConnectionOptions()
        options.isOnlyRead = true
        if text.hasPrefix("mysql://") {
            try readURL(text.dropFirst("mysql://".count))
        } else {
            try readGo(text[...])
        }
        guard !options.user.isEmpty else { throw Malformed(problem: "there is no user") }
        guard options.database?.isEmpty == false else { throw Malformed(problem: "there is no database") }
    }

    private mutating func readURL(_ rest: Substring) throws(Malformed) {
        let beforeQuery = rest.prefix { $0 != "?" && $0 != "#" }
        guard let slash = beforeQuery.lastIndex(of: "/") else { throw Malformed(problem: "there is no /database") }
        options.database = try Self.decode(beforeQuery[beforeQuery.index(after: slash)...])
        let authority = beforeQuery[..<slash]
        guard let at = authority.lastIndex(of: "@") else { throw Malformed(problem: "there is no user@") }
        let (user, password) = Self.split(authority[..<at])
        options.user = try Self.decode(user)
        if let password { self.password = try Self.decode(password) }
        try readAddress(authority[authority.index(after: at)...])
    }

    /// As the driver reads it: what is special may stand in the password.
    private mutating func readGo(_ text: Substring) throws(Malformed) {
        // The parameters after the last slash hold none, except for a time zone's, which is escaped.
        guard let slash = text.lastIndex(of: "/") else { throw Malformed(problem: "there is no /database") }
        options.database = String(text[text.index(after: slash)...].prefix { $0 != "?" })
        let rest = text[..<slash]
        guard let at = rest.lastIndex(of: "@") else { throw Malformed(problem: "there is no user@") }
        let (user, password) = Self.split(rest[..<at])
        options.user = String(user)
        self.password = password.map(String.init)
        let place = rest[rest.index(after: at)...]
        guard let open = place.firstIndex(of: "("), place.last == ")" else {
            guard place.isEmpty || place == "tcp" else { throw Malformed(problem: "the address is not tcp(host:port)") }
            return
        }
        let address = place[place.index(after: open)...].dropLast()
        switch place[..<open] {
        case "tcp": try readAddress(address)
        case "unix": options.socket = String(address)
        default: throw Malformed(problem: "the address is neither tcp(…) nor unix(…)")
        }
    }

    private mutating func readAddress(_ text: Substring) throws(Malformed) {
        var host = text
        var port: Substring?
        if text.first == "[", let end = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            if rest.first == ":" { port = rest.dropFirst() }
        } else if let colon = text.lastIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        if !host.isEmpty { options.host = String(host) }
        if let port {
            guard let number = Int(port), (1...65_535).contains(number) else {
                throw Malformed(problem: "the port is not a number from 1 to 65535")
            }
            options.port = number
        }
    }

    private static func split(_ text: Substring) -> (user: Substring, password: Substring?) {
        guard let colon = text.firstIndex(of: ":") else { return (text, nil) }
        return (text[..<colon], text[text.index(after: colon)...])
    }

    private static func decode(_ text: Substring) throws(Malformed) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            rest = rest.dropFirst(2)
            guard digits.utf8.count == 2, let value = UInt8(digits, radix: 16) else {
                throw Malformed(problem: "a percent sign is not followed by two hexadecimal digits")
            }
            bytes.append(value)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw Malformed(problem: "it is not UTF-8")
        }
        return decoded
    }
}
