import MySQL

extension MySQLStore {
    private static let columns: Query = """
        id, url, max_concurrency, rate, burst, breaker_failures, notes, paused_at, pause_reason, open_until,
        failing_since, created_at, updated_at, pauses_itself
        """
    /// What all instances keep in memory.
    private static let limit = 10_000

    /// A destination whose breaker was open later than so long ago fails still; of others it is not known.
    private static let isTold: Duration = .seconds(3600)
    /// What is here only because it failed is forgotten so long after it last did.
    private static let isRemembered: Duration = .seconds(7 * 86_400)

    /// Writes what this instance has found out, and reads what all of them have to know.
    /// - Parameter pauseAfter: a destination that has failed for so long is paused; nil: none is.
    package func exchangeDestinations(
        _ reports: [DestinationReport], pauseAfter: Duration?
    ) async throws -> DestinationExchange {
        let tables = tables
        return try await engine.retrying { connection in
            for report in reports { try Self.write(report, connection, tables) }
            var exchange = DestinationExchange()
            exchange.all = try Self.read(
                " WHERE is_kept = 1 OR failing_since IS NOT NULL ORDER BY is_kept DESC, id DESC LIMIT \(Self.limit)",
                connection, tables)
            let hasNews = reports.contains { $0.openUntil == nil }
            guard hasNews || exchange.all.contains(where: { $0.failingSince != nil }) else { return exchange }
            let now = try connection.run("SELECT UTC_TIMESTAMP(6)").rows[0].time(0)
            if let pauseAfter { try Self.pauseFailing(&exchange, for: pauseAfter, now, connection, tables) }
            let limit = now - Self.isRemembered
            if hasNews || exchange.all.contains(where: { $0.openUntil.map { $0 < limit } ?? false }) {
                try Self.forget(before: limit, connection, tables)
            }
            return exchange
        }
    }

    private static func pauseFailing(
        _ exchange: inout DestinationExchange, for length: Duration, _ now: Timestamp, _ connection: Connection,
        _ tables: Tables
    ) throws(MySQLError) {
        for index in exchange.all.indices where exchange.all[index].pausedAt == nil {
            let record = exchange.all[index]
            guard let since = record.failingSince, now - since >= length, let openUntil = record.openUntil,
                now - openUntil < isTold
            else { continue }
            let reason = "it has failed since \(since.rfc3339)"
            let change: Query = """
                UPDATE \(tables.destinations) SET paused_at = \(now), pause_reason = \(reason), pauses_itself = 1,
                  is_kept = 1, updated_at = \(now)
                WHERE id = \(record.id) AND paused_at IS NULL AND failing_since = \(since)
                """
            guard try connection.run(change).affected == 1 else { continue }
            exchange.all[index].pausedAt = now
            exchange.all[index].pauseReason = reason
            exchange.all[index].pausesItself = true
            exchange.paused.append(record.url)
        }
    }

    /// Of what failed long ago and was not called since it is not known any more how it does.
    private static func forget(
        before limit: Timestamp, _ connection: Connection, _ tables: Tables
    ) throws(MySQLError) {
        try connection.run(
            """
            DELETE FROM \(tables.destinations)
            WHERE is_kept = 0 AND COALESCE(open_until, updated_at) < \(limit) LIMIT 1000
            """)
        try connection.run(
            """
            UPDATE \(tables.destinations) SET failing_since = NULL, open_until = NULL
            WHERE is_kept = 1 AND open_until < \(limit)
            """)
    }

    private static func write(
        _ report: DestinationReport, _ connection: Connection, _ tables: Tables
    ) throws(MySQLError) {
        guard let openUntil = report.openUntil else {
            try connection.run(
                """
                UPDATE \(tables.destinations) SET open_until = NULL, failing_since = NULL, updated_at = UTC_TIMESTAMP(6)
                WHERE url = \(report.url) AND failing_since IS NOT NULL
                """)
            return
        }
        try connection.run(
            """
            INSERT INTO \(tables.destinations) (url, open_until, failing_since, is_kept, created_at, updated_at)
            VALUES (\(report.url), \(openUntil), \(report.failingSince ?? openUntil), 0, UTC_TIMESTAMP(6),
                    UTC_TIMESTAMP(6))
            ON DUPLICATE KEY UPDATE open_until = GREATEST(COALESCE(open_until, VALUES(open_until)), VALUES(open_until)),
              failing_since = COALESCE(failing_since, VALUES(failing_since))
            """)
    }

    /// By number, those after `id`.
    package func destinations(after id: Int, limit: Int) async throws -> [DestinationRecord] {
        let tables = tables
        return try await front.retrying { connection in
            try Self.read(" WHERE id > \(id) ORDER BY id LIMIT \(limit)", connection, tables)
        }
    }

    package func destinationsPausedForFailing(limit: Int) async throws -> [DestinationRecord] {
        let tables = tables
        return try await front.retrying { connection in
            try Self.read(
                " WHERE paused_at IS NOT NULL AND pauses_itself = 1 ORDER BY paused_at DESC LIMIT \(limit)", connection,
                tables)
        }
    }

    package func destination(url: String) async throws -> DestinationRecord? {
        let tables = tables
        return try await front.retrying { connection in
            try Self.read(" WHERE url = \(url)", connection, tables).first
        }
    }

    package func destination(id: Int) async throws -> DestinationRecord? {
        let tables = tables
        return try await front.retrying { connection in try Self.read(" WHERE id = \(id)", connection, tables).first }
    }

    /// Makes a destination or changes its settings; what it does stays. - Returns: whether it was made.
    package func setDestination(_ url: String, _ settings: DestinationRecord.Settings) async throws -> Bool {
        let tables = tables
        return try await front.retrying { connection in
            try connection.run(
                """
                INSERT INTO \(tables.destinations) (url, max_concurrency, rate, burst, breaker_failures, notes, is_kept,
                  created_at, updated_at)
                VALUES (\(url), \(optional: settings.maxConcurrency), \(optional: settings.rate),
                  \(optional: settings.burst), \(optional: settings.breakerFailures), \(settings.notes), 1,
                  UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
                ON DUPLICATE KEY UPDATE max_concurrency = VALUES(max_concurrency), rate = VALUES(rate),
                  burst = VALUES(burst), breaker_failures = VALUES(breaker_failures), notes = VALUES(notes), is_kept = 1,
                  updated_at = VALUES(updated_at)
                """
            ).affected == 1
        }
    }

    /// - Parameter reason: nil: it is called again, as one that works.
    package func setDestinationPaused(_ id: Int, reason: String?) async throws {
        let tables = tables
        try await front.retrying { connection in
            let change: Query =
                if let reason {
                    """
                    UPDATE \(tables.destinations) SET paused_at = COALESCE(paused_at, UTC_TIMESTAMP(6)),
                      pause_reason = \(reason), pauses_itself = 0, is_kept = 1, updated_at = UTC_TIMESTAMP(6) WHERE id = \(id)
                    """
                } else {
                    """
                    UPDATE \(tables.destinations) SET paused_at = NULL, pause_reason = NULL, pauses_itself = 0,
                      open_until = NULL, failing_since = NULL, updated_at = UTC_TIMESTAMP(6) WHERE id = \(id)
                    """
                }
            try connection.run(change)
        }
    }

    /// - Returns: false when there is none.
    package func deleteDestination(_ id: Int) async throws -> Bool {
        let tables = tables
        return try await front.retrying { connection in
            try connection.transaction { connection in
                try connection.run("DELETE FROM \(tables.destinationSecrets) WHERE destination_id = \(id)")
                return try connection.run("DELETE FROM \(tables.destinations) WHERE id = \(id)").affected == 1
            }
        }
    }

    private static func read(
        _ rest: Query, _ connection: Connection, _ tables: Tables
    ) throws -> [DestinationRecord] {
        var records = try connection.run("SELECT " + columns + " FROM \(tables.destinations)" + rest).rows.map(record)
        if records.isEmpty { return [] }
        let secrets = try Self.secrets(connection, tables)
        for index in records.indices { records[index].secrets = secrets[records[index].id] ?? [] }
        return records
    }

    private static func record(_ row: Row) throws -> DestinationRecord {
        var settings = DestinationRecord.Settings()
        settings.maxConcurrency = try row.optional(2, Row.integer)
        settings.rate = try row.optional(3, Row.double)
        settings.burst = try row.optional(4, Row.integer)
        settings.breakerFailures = try row.optional(5, Row.integer)
        settings.notes = try row.text(6)
        var record = DestinationRecord(
            id: try row.integer(0), url: try row.text(1), settings: settings, pausedAt: try row.optional(7, Row.time),
            pauseReason: try row.optional(8, Row.text), openUntil: try row.optional(9, Row.time),
            failingSince: try row.optional(10, Row.time), createdAt: try row.time(11), updatedAt: try row.time(12))
        record.pausesItself = try row.integer(13) == 1
        return record
    }
}
