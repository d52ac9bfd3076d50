/// Where the server is and how to talk to it.
package struct ConnectionOptions: Sendable, Equatable {
    package var host = "127.0.0.1"
    package var port = 6379
    /// Path of a unix socket; wins over `host` and `port`.
    package var socket: String?
    /// An ACL user (Redis 6 and later); nil: the default user.
    package var user: String?
    /// nil without a user: connect without signing in.
    package var password: String?
    /// The number given to SELECT.
    package var database = 0
    /// Refused with `tlsUnavailable`: hiredis 0.14 cannot encrypt, and a password must not go out in the clear unasked.
    package var tls = false
    /// How long the way to the server, and then each answer while signing in, may take. Looking up the host's name is
    /// not bounded.
    package var connectTimeout: Duration = .seconds(5)
    /// How long the server may be silent while it is to answer or to take what is sent.
    package var commandTimeout: Duration = .seconds(10)
    /// Shown by CLIENT LIST; without spaces.
    package var clientName: String? = "schedulerd"

    package init() {}

    /// For messages: never the password.
    package var display: String {
        "\(user.map { "\($0)@" } ?? "")\(socket ?? "\(host):\(port)")/\(database)"
    }
}
