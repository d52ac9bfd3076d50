/// Where the server is and how to talk to it.
package struct ConnectionOptions: Sendable, Equatable {
    package enum TLSMode: String, Sendable, CaseIterable {
        /// Never.
        case off
        /// When the server offers it, without checking who it is.
        case preferred
        /// Always, without checking who it is.
        case required
        /// Always, and the certificate must be valid for the host.
        case verify
    }

    package var host = "127.0.0.1"
    package var port = 3306
    /// Path of a unix socket; wins over `host` and `port`.
    package var socket: String?
    package var user = "schedulerd"
    package var password = ""
    /// nil: connect without choosing a database.
    package var database: String?
    package var tls = TLSMode.preferred
    /// A PEM file with the authorities to trust; the system's when nil.
    package var tlsCA: String?
    package var connectTimeout: Duration = .seconds(5)
    package var readTimeout: Duration = .seconds(10)
    package var writeTimeout: Duration = .seconds(10)
    /// How long a statement waits for the lock of a row or a table before it fails with 1205.
    package var lockWait: Duration = .seconds(5)

    /// The server is another program's and only read from: any version and setting of it will do.
    package var isOnlyRead = false

    package init() {}

    /// For messages: never the password.
    package var display: String {
        "\(user)@\(socket ?? "\(host):\(port)")/\(database ?? "")"
    }
}
