import MySQL
import TestSupport

@testable import Scheduler

/// A database with some 26 hours of history and a few live tasks, the same whenever it is made: for its sessions it is
/// noon of 20 November 2026.
struct ReportFixture {
    let database: TestDatabase

    private static let noon = Timestamp(rfc3339: "2026-11-20T12:00:00Z")!

    static func with(_ body: (ReportFixture) async throws -> Void) async throws {
        try await TestDatabase.migrated { database in
            let fixture = ReportFixture(database: database)
            let connection = try fixture.connect()
            for statement in partitions + seed { try connection.run(text: statement) }
            try await body(fixture)
        }
    }

    func connect() throws -> Connection {
        let connection = try database.connect()
        try connection.run(text: "SET timestamp = \(Self.noon.microseconds / 1_000_000)")
        return connection
    }

    /// A SELECT's column names and rows, as text.
    func table(_ sql: String) throws -> (columns: [String], rows: [[String]]) {
        let stream = try RowStream(Script(sql: sql), on: connect())
        var rows: [[String]] = []
        while let row = try stream.next() { rows.append(row.values.map(\.shown)) }
        return (stream.columns, rows)
    }

    // MARK: What is in it

    private static let id = """
        UNHEX(CONCAT(LPAD(HEX(1000 * UNIX_TIMESTAMP(created_at)), 12, '0'), '70008000', LPAD(HEX(seq), 12, '0')))
        """

    private static let numbers = "WITH RECURSIVE numbers AS (SELECT 1 AS seq UNION ALL SELECT seq + 1 FROM numbers"

    private static let columns = """
        INSERT INTO tasks (id, queue_id, state, attempt, requested_time, plan_time, entered_at, method, url, success_rule,
          max_retries, retry_delays, timeout_ms, labels, created_at, finished_at)
        """

    private static let request = """
        'POST', CONCAT('https://', ELT(1 + seq DIV 7 MOD 3, 'shop.example.com', 'pay.example.com', 'Mail.example.com:8443'),
          '/notify?order=', seq), 'status_2xx', 2, '30', 15000, CONCAT('{"order":"', seq, '"}')
        """

    private static func bucket(_ value: String) -> String { RollupTests.bucket(value) }

    private static let partitions = ["tasks", "attempts"].map { table in
        let days = (0..<6).map { days in
            let partition = DayPartition(day: noon - .seconds(12 * 3600) - .seconds(86_400 * (5 - days)))
            let bound = partition.bound.description.replacing("-", with: "")
            return "PARTITION \(partition.name) VALUES LESS THAN (0x\(bound))"
        }
        return """
            ALTER TABLE \(table) REORGANIZE PARTITION later
            INTO (\(days.joined(separator: ", ")), PARTITION later VALUES LESS THAN (MAXVALUE))
            """
    }

    private static let seed = [
        """
        INSERT INTO queues (id, name, created_at, paused_at) VALUES
          (1, 'default', '2026-11-01 00:00:00', NULL), (2, 'orders', '2026-11-02 00:00:00', NULL),
          (3, 'newsletter', '2026-11-03 00:00:00', '2026-11-20 09:30:00')
        """,
        """
        INSERT INTO instances (incarnation, name, version, lookahead_ms, started_at, heartbeat_at, lease_until, ended_at)
        VALUES
          (1, 'a', '0.1.0', NULL, '2026-11-19 08:00:00', '2026-11-20 06:00:00', '2026-11-20 06:00:10', '2026-11-20 06:00:11'),
          (2, 'a', '0.1.0', 30000, '2026-11-20 06:00:12', '2026-11-20 11:59:58', '2026-11-20 12:00:08', NULL),
          (3, 'b', '0.1.0', 30000, '2026-11-19 08:00:00', '2026-11-20 11:59:57', '2026-11-20 12:00:07', NULL)
        """,
        // Of forty: one dies, four need a retry, one is cancelled, the others succeed at once.
        """
        \(columns)
        \(numbers) WHERE seq < 400), made AS (
          SELECT seq, NOW() - INTERVAL 4 * seq MINUTE AS created_at,
            CASE seq MOD 40 WHEN 0 THEN 3 WHEN 7 THEN 4 ELSE 1 END AS state,
            CASE WHEN seq MOD 40 = 0 THEN 3 WHEN seq MOD 40 = 7 THEN 0 WHEN seq MOD 10 = 3 THEN 2 ELSE 1 END AS attempt
          FROM numbers)
        SELECT \(id), 1 + seq MOD 2, state, attempt, created_at + INTERVAL 5 SECOND,
          created_at + INTERVAL 5 + 30 * GREATEST(0, attempt - 1) SECOND, NULL, \(request), created_at,
          created_at + INTERVAL 6 + 30 * GREATEST(0, attempt - 1) SECOND
        FROM made
        """,
        """
        INSERT INTO attempts (task_id, attempt, incarnation, version, plan_time, started_at, duration_us, succeeded, class,
          message, status, lookup_us, connect_us, tls_us, first_byte_us, total_us, address)
        SELECT id, n, IF(created_at < '2026-11-20 06:00:00', 1, 2) + (n - 1) * (created_at >= '2026-11-20 06:00:00' AND n < 3), 1,
          requested_time + INTERVAL 30 * (n - 1) SECOND,
          requested_time + INTERVAL 30 * (n - 1) SECOND + INTERVAL 150 + seq * 37 MOD 2000 MICROSECOND,
          2000 + seq * 7919 MOD 90000 * (1 + seq MOD 3), ok,
          CASE WHEN ok THEN 'success' WHEN seq MOD 4 = 0 THEN 'timeout' ELSE 'status' END,
          CASE WHEN ok THEN NULL WHEN seq MOD 4 = 0 THEN 'no answer within 15 s' ELSE 'the answer is 503' END,
          CASE WHEN ok THEN 200 WHEN seq MOD 4 = 0 THEN NULL ELSE 503 END, 400, 900, 1500, 1900, 2000, '192.0.2.7:443'
        FROM (SELECT id, created_at, requested_time, n, state = 1 AND n = attempt AS ok,
            CAST(JSON_UNQUOTE(JSON_EXTRACT(labels, '$.order')) AS UNSIGNED) AS seq
          FROM tasks JOIN (SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3) ns ON n <= attempt) x
        """,
        """
        INSERT INTO dead_letters SELECT t.id, t.queue_id, t.finished_at, CONCAT('no retry is left: ', a.message)
        FROM tasks t JOIN attempts a ON a.task_id = t.id AND a.attempt = t.attempt WHERE t.state = 3
        """,
        """
        INSERT INTO rollups_minute
        SELECT CAST(DATE_FORMAT(a.started_at + INTERVAL a.duration_us MICROSECOND, '%Y-%m-%d %H:%i:00') AS DATETIME),
          t.queue_id, a.incarnation, CASE WHEN a.succeeded THEN 1 WHEN a.attempt < t.attempt THEN 2 ELSE 3 END AS outcome,
          a.class, \(bucket("TIMESTAMPDIFF(MICROSECOND, a.plan_time, a.started_at)")) AS late,
          \(bucket("a.duration_us")) AS took, COUNT(*)
        FROM attempts a JOIN tasks t ON t.id = a.task_id GROUP BY 1, 2, 3, 4, 5, 6, 7
        """,
        """
        INSERT INTO rollups_destination
        SELECT CAST(DATE_FORMAT(a.started_at + INTERVAL a.duration_us MICROSECOND, '%Y-%m-%d %H:%i:00') AS DATETIME),
          a.incarnation, LOWER(SUBSTRING_INDEX(SUBSTRING_INDEX(t.url, '/', 3), '/', -1)), a.class,
          \(bucket("a.duration_us")) AS took, COUNT(*), MAX(a.started_at), MAX(a.message)
        FROM attempts a JOIN tasks t ON t.id = a.task_id GROUP BY 1, 2, 3, 4, 5
        """,
        // Live ones: of thirty three are due already, the others within 45 minutes.
        """
        \(columns)
        \(numbers) WHERE seq < 30), made AS (
          SELECT seq, NOW() - INTERVAL 200 - seq SECOND AS created_at,
            NOW() + INTERVAL CASE WHEN seq <= 3 THEN -5 * seq * seq ELSE 90 * seq END SECOND AS plan_time FROM numbers)
        SELECT \(id), 1 + seq MOD 3, 0, 0, plan_time, plan_time, IF(seq <= 3, created_at, NULL), \(request), created_at, NULL
        FROM made
        """,
        """
        INSERT INTO ready SELECT queue_id, entered_at, id, plan_time FROM tasks
        WHERE state = 0 AND plan_time < NOW() AND queue_id <> 2
        """,
        """
        INSERT INTO claims SELECT id, 2, queue_id, plan_time, 1, NOW(), NOW() FROM tasks
        WHERE state = 0 AND plan_time < NOW() AND queue_id = 2
        """,
        """
        INSERT INTO scheduled SELECT queue_id, plan_time, id FROM tasks WHERE state = 0 AND plan_time >= NOW()
        """,
        "ANALYZE TABLE tasks, attempts, scheduled, rollups_minute, rollups_destination",
    ]
}

extension Script {
    /// A statement that was read from a file.
    init(sql: String) {
        self.init()
        statement(.table(TableName(prefix: "", sql)))
    }
}

extension SQLValue {
    /// As a client on a terminal shows it.
    var shown: String {
        switch self {
        case .null: "NULL"
        case .integer(let number): "\(number)"
        case .unsigned(let number): "\(number)"
        case .double(let number): "\(number)"
        case .text(let text): text
        case .bytes(let bytes): "0x" + bytes.map { String(UInt16($0) + 256, radix: 16).suffix(2) }.joined()
        case .time(let time):
            time.rfc3339.replacing("T", with: " ").replacing("Z", with: "")
        }
    }
}
