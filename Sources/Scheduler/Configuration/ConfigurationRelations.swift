/// What must hold between the values of different keys.
enum ConfigurationRelations {
    /// The contradictions among values that are each in range.
    static func contradictions(in values: ConfigurationValues) -> [ConfigurationError.Problem] {
        var problems: [ConfigurationError.Problem] = []

        /// Reports a broken relation at the key that was set, the left one if both were.
        func require(_ left: String, _ right: String, _ rule: String, _ holds: (Quantity, Quantity) -> Bool) {
            guard !values.refused.contains(left), !values.refused.contains(right) else { return }
            let (leftQuantity, rightQuantity) = (Quantity(left, values), Quantity(right, values))
            guard !holds(leftQuantity, rightQuantity) else { return }
            // Defaults agree; values that a replica has from the master are reported there.
            guard values.origin(left) != .table || values.origin(right) != .table else { return }
            let path = values.origin(left) == .table && values.origin(right) != .table ? right : left
            let other = path == left ? right : left
            problems.append(
                ConfigurationError.Problem(
                    values.origin(path), path,
                    "\(path == left ? leftQuantity.shown : rightQuantity.shown) contradicts "
                        + "\(other): \(path == left ? rightQuantity.shown : leftQuantity.shown) "
                        + "(\(values.origin(other)))",
                    accepted: rule))
        }

        require("cluster.heartbeat_s", "cluster.lease_s", "cluster.heartbeat_s must be less than half of lease_s") {
            2 * $0.number < $1.number
        }
        require("claim.low_watermark", "claim.high_watermark", "low_watermark must not be above high_watermark") {
            $0.number <= $1.number
        }
        require("claim.batch", "claim.high_watermark", "batch must not be above high_watermark") {
            $0.number <= $1.number
        }
        require("claim.poll_max_ms", "claim.lookahead_ms", "poll_max_ms must not be above half of lookahead_ms") {
            2 * $0.number <= $1.number
        }
        require("claim.ready_poll_ms", "claim.poll_max_ms", "ready_poll_ms must not be above poll_max_ms") {
            $0.number <= $1.number
        }
        require("breaker.open_s", "breaker.open_max_s", "open_s must not be above open_max_s") {
            $0.number <= $1.number
        }
        require("intake.batch", "intake.max_waiting", "batch must not be above max_waiting") { $0.number <= $1.number }
        require(
            "intake.connections", "master_db.db_max_open_conns",
            "intake.connections must not be above master_db.db_max_open_conns"
        ) { $0.number <= $1.number }
        require("outcome.batch", "outcome.max_waiting", "batch must not be above max_waiting") {
            $0.number <= $1.number
        }
        require(
            "outcome.max_waiting", "dispatch.max_in_flight",
            "outcome.max_waiting must not be below dispatch.max_in_flight"
        ) { $0.number >= $1.number }
        require(
            "dispatch.response_log_bytes", "dispatch.response_limit_bytes",
            "response_log_bytes must not be above response_limit_bytes"
        ) { $0.number <= $1.number }
        require("session.idle_s", "session.absolute_s", "idle_s must not be above absolute_s") {
            $0.number <= $1.number
        }
        if values.isPresent(section: "slave_db") {
            require("slave_db.max_lag_s", "cluster.heartbeat_s", "max_lag_s must be more than heartbeat_s") {
                $0.number > $1.number
            }
        }
        for database in values.isPresent(section: "slave_db") ? ["master_db", "slave_db"] : ["master_db"] {
            require(
                "\(database).lock_wait_s", "\(database).read_timeout_ms",
                "lock_wait_s must be shorter than read_timeout_ms"
            ) { 1000 * $0.number < $1.number }
            // A replica that turns tls off need not clear the tls_ca it has from the master.
            if values.origin("\(database).tls_ca") != .table {
                require("\(database).tls_ca", "\(database).tls", "tls_ca needs tls to be other than off") {
                    $0.text.isEmpty || $1.text != "off"
                }
            }
        }
        return problems + repetitions(in: values)
    }

    /// Entries of a list that mean the same thing.
    private static func repetitions(in values: ConfigurationValues) -> [ConfigurationError.Problem] {
        var problems: [ConfigurationError.Problem] = []

        /// Reports each entry that is the same as one before it.
        func require<Identity: Hashable>(
            _ path: String, _ name: String, _ rule: String, identity: (ConfigurationEntry) -> Identity
        ) {
            guard !values.refused.contains(path) else { return }
            var first: [Identity: ConfigurationOrigin] = [:]
            for (index, entry) in values.entries(path).enumerated() {
                if let before = first[identity(entry)] {
                    problems.append(
                        ConfigurationError.Problem(
                            entry.origin(name), "\(path)[\(index)].\(name)", "given twice, first at \(before)",
                            accepted: rule))
                } else {
                    first[identity(entry)] = entry.origin(name)
                }
            }
        }

        require("destinations", "url", "write one entry for a URL") { $0.text("url") }
        // A server that is refused itself is no server to compare.
        if !values.refused.contains(where: { $0.hasPrefix("redis.") }) {
            require("intake.sources", "key", "write one entry for a key of a server") { entry in
                let source = Configuration.Source(entry, values)
                let redis = source.redis
                return [redis.socket ?? "\(redis.host):\(redis.port)", "\(redis.database)", source.key]
            }
        }
        return problems
    }

    /// A value with its unit, as a message shows it.
    private struct Quantity {
        let number: Int
        let text: String
        let shown: String

        init(_ path: String, _ values: ConfigurationValues) {
            let unit =
                switch ConfigurationTable.key(path)?.unit {
                case .seconds: " s"
                case .milliseconds: " ms"
                case .bytes: " bytes"
                case .days: " days"
                case nil: ""
                }
            switch values.value(path) {
            case .integer(let number): (self.number, text, shown) = (number, "", "\(number)\(unit)")
            case .text(let text): (number, self.text, shown) = (0, text, ConfigurationRefusal.quoted(text))
            case .list, .entries: preconditionFailure("no relation speaks of the list \(path)")
            }
        }
    }
}
