package import MySQL
package import Transfer

extension Configuration {
    /// The HTTP server.
    package struct Server: Sendable, Equatable {
        package var host: String
        /// 0: any free port.
        package var port: Int
        package var readTimeout: Duration
        package var writeTimeout: Duration
        /// The limit in force; the file's 0 is resolved.
        package var maxHeaderBytes: Int
        package var maxBodyBytes: Int
        package var trustedProxies: [AddressRange]

        init(_ values: ConfigurationValues) {
            host = values.text("server.host")
            port = values.integer("server.port")
            readTimeout = values.duration("server.read_timeout")
            writeTimeout = values.duration("server.write_timeout")
            let headerBytes = values.integer("server.max_header_bytes")
            maxHeaderBytes = headerBytes == 0 ? 1 << 20 : headerBytes
            maxBodyBytes = values.integer("server.max_body_bytes")
            trustedProxies = values.addressRanges("server.trusted_proxies")
        }
    }

    /// What Prometheus scrapes.
    package struct Metrics: Sendable, Equatable {
        /// Where is listened; the port 0: nowhere.
        package struct Listener: Sendable, Equatable {
            package var host: String
            package var port: Int
        }

        package var listener: Listener

        /// `nil`: metrics are off.
        package var enabledListener: Listener? { listener.port == 0 ? nil : listener }

        init(_ values: ConfigurationValues) {
            listener = Listener(host: values.text("metrics.host"), port: values.integer("metrics.port"))
        }
    }

    /// A MySQL or MariaDB server, and how to connect to it.
    package struct Database: Sendable, Equatable {
        package var host: String
        package var port: Int
        /// When set, `host` and `port` are not used.
        package var socket: String?
        package var name: String
        package var user: String
        package var password: String
        /// Put before the name of every table and view.
        package var prefix: String
        package var tls: ConnectionOptions.TLSMode
        /// PEM file; `nil`: the system's authorities.
        package var tlsCA: String?
        package var maxOpenConnections: Int
        /// Never above `maxOpenConnections`; 0: connections are closed after use.
        package var maxIdleConnections: Int
        /// `nil`: connections are never replaced for their age.
        package var maxConnectionLifetime: Duration?
        package var connectTimeout: Duration
        package var readTimeout: Duration
        package var writeTimeout: Duration
        /// For `innodb_lock_wait_timeout`; whole seconds.
        package var lockWait: Duration

        init(_ values: ConfigurationValues, section: String) {
            host = values.text("\(section).host")
            port = values.integer("\(section).port")
            socket = values.textIfSet("\(section).socket")
            name = values.text("\(section).db_name")
            user = values.text("\(section).db_user")
            password = values.text("\(section).db_pwd")
            prefix = values.text("\(section).prefix")
            tls = values.choice("\(section).tls")
            tlsCA = values.textIfSet("\(section).tls_ca")
            maxOpenConnections = values.integer("\(section).db_max_open_conns")
            maxIdleConnections = min(values.integer("\(section).db_max_idle_conns"), maxOpenConnections)
            maxConnectionLifetime = values.durationIfSet("\(section).db_max_lifetime_conns")
            connectTimeout = values.duration("\(section).connect_timeout_ms")
            readTimeout = values.duration("\(section).read_timeout_ms")
            writeTimeout = values.duration("\(section).write_timeout_ms")
            lockWait = values.duration("\(section).lock_wait_s")
        }

        /// For the MySQL client.
        package var options: ConnectionOptions {
            var options = ConnectionOptions()
            options.host = host
            options.port = port
            options.socket = socket
            options.user = user
            options.password = password
            options.database = name
            options.tls = tls
            options.tlsCA = tlsCA
            options.connectTimeout = connectTimeout
            options.readTimeout = readTimeout
            options.writeTimeout = writeTimeout
            options.lockWait = lockWait
            return options
        }
    }

    /// How the replica is used when there is one.
    package struct ReplicaRules: Sendable, Equatable {
        /// Whether pages are read from the primary while the replica is away or too far behind.
        package var fallsBack: Bool
        package var maxLag: Duration

        package init(fallsBack: Bool, maxLag: Duration) {
            self.fallsBack = fallsBack
            self.maxLag = maxLag
        }

        init(_ values: ConfigurationValues) {
            fallsBack = values.text("slave_db.fallback") == "on"
            maxLag = values.duration("slave_db.max_lag_s")
        }
    }

    /// The Redis server.
    package struct Redis: Sendable, Equatable {
        package var host: String
        package var port: Int
        /// When set, `host` and `port` are not used.
        package var socket: String?
        package var database: Int
        /// The name of an ACL user; `nil`: the default user.
        package var user: String?
        /// `nil`: no login.
        package var password: String?
        package var maxOpenConnections: Int
        /// Never above `maxOpenConnections`; 0: connections are closed after use.
        package var maxIdleConnections: Int
        /// `nil`: connections are never replaced for their age.
        package var maxConnectionLifetime: Duration?

        init(_ values: ConfigurationValues) {
            host = values.text("redis.host")
            port = values.integer("redis.port")
            socket = values.textIfSet("redis.socket")
            database = values.integer("redis.db_name")
            user = values.textIfSet("redis.db_user")
            password = values.textIfSet("redis.db_pwd")
            maxOpenConnections = values.integer("redis.db_max_open_conns")
            maxIdleConnections = min(values.integer("redis.db_max_idle_conns"), maxOpenConnections)
            maxConnectionLifetime = values.durationIfSet("redis.db_max_lifetime_conns")
        }
    }

    /// Sessions of the administration pages.
    package struct Session: Sendable, Equatable {
        /// The cookie's name.
        package var name: String
        /// How long a session lasts that nothing is asked in.
        package var idle: Duration
        /// How long a session lasts at most.
        package var absolute: Duration

        init(_ values: ConfigurationValues) {
            name = values.text("session.name")
            idle = values.duration("session.idle_s")
            absolute = values.duration("session.absolute_s")
        }
    }
}
