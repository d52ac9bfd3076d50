import MySQL
import TestSupport

/// A database as delay_queue leaves it behind.
struct OldDelayQueue {
    static let password = "pleaseletmein"
    /// Of that password, as Go's bcrypt writes it.
    private static let hash = "$2a$10$abcdefghijklmnopqrstuuObDM/yjNsxVhTh6/DXDG2d5rAb9mxOe"
    /// 2020-06-23T10:45:54+08:00, whatever zone the servers were in.
    static let start = 1_592_880_354

    let database: TestDatabase

    static func with<T>(_ body: (OldDelayQueue) async throws -> T) async throws -> T {
        try await TestDatabase.with { database in
            try database.connect().run(text: tables)
            return try await body(OldDelayQueue(database: database))
        }
    }

    /// How the import reaches it.
    var source: ConnectionOptions {
        var options = database.options
        options.isOnlyRead = true
        return options
    }

    private static let tables = """
        CREATE TABLE hs_task (
            id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
            queue_index VARCHAR(120) NOT NULL DEFAULT '',
            queue_slot INT UNSIGNED NOT NULL DEFAULT 0,
            cycle_num INT UNSIGNED NOT NULL DEFAULT 0,
            retry_num INT UNSIGNED NOT NULL DEFAULT 0,
            dateline INT UNSIGNED NOT NULL DEFAULT 0,
            add_time INT UNSIGNED NOT NULL DEFAULT 0,
            notify_url VARCHAR(255) NOT NULL DEFAULT '',
            request_method VARCHAR(4) NOT NULL DEFAULT '',
            notify_param VARCHAR(255) NOT NULL DEFAULT '',
            state TINYINT UNSIGNED NOT NULL DEFAULT 0
        ) DEFAULT CHARSET = utf8mb3;
        CREATE TABLE hs_task_log (
            id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
            queue_index VARCHAR(120) NOT NULL DEFAULT '',
            response TEXT NOT NULL,
            curl TEXT NOT NULL,
            dateline INT UNSIGNED NOT NULL DEFAULT 0,
            state TINYINT UNSIGNED NOT NULL DEFAULT 0
        ) DEFAULT CHARSET = utf8mb3;
        CREATE TABLE hs_user (
            id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
            is_super TINYINT NOT NULL DEFAULT 0,
            uname VARCHAR(50) NOT NULL DEFAULT '',
            email VARCHAR(60) NOT NULL DEFAULT '',
            password VARCHAR(255) NOT NULL DEFAULT '',
            real_name VARCHAR(50) NOT NULL DEFAULT '',
            tel VARCHAR(20) NOT NULL DEFAULT '',
            add_time INT NOT NULL DEFAULT 0,
            UNIQUE KEY index_user_name (uname)
        ) DEFAULT CHARSET = utf8mb3;
        """

    // MARK: Rows

    func addUser(_ name: String, isSuper: Bool = false, hash: String = OldDelayQueue.hash) throws {
        try database.connect().run(
            """
            INSERT INTO hs_user (is_super, uname, email, password, real_name, tel, add_time)
            VALUES (\(isSuper ? 1 : 0), \(name), 'a@example.org', \(hash), '沈', '13557113347', \(Self.start))
            """)
    }

    struct Task {
        var state: Int
        var url = "http://127.0.0.1:1/old"
        var method = "GET"
        var parameter = ""
        var retries = 0
        var slot = 10
        var cycles = 2
        var addedAt = OldDelayQueue.start
        var changedAt = OldDelayQueue.start + 130
        /// State and answer of each attempt.
        var log: [(Int, String)] = []
    }

    /// The UUID of a task; in another order than the numbers.
    static func uuid(_ number: Int) -> String {
        let tail = String((UInt64(number) &* 0x9E37_79B9_7F4A_7C15) >> 16, radix: 16)
        return "c05d5ec4-b290-4b43-b985-" + String(repeating: "0", count: 12 - tail.count) + tail
    }

    /// - Parameter first: the number of the first.
    func add(_ tasks: [Task], first: Int = 1) throws {
        let connection = try database.connect()
        for start in stride(from: 0, to: tasks.count, by: 1000) {
            let batch = Array(tasks[start..<min(start + 1000, tasks.count)].enumerated())
            var script = Script()
            script.begin(
                """
                INSERT INTO hs_task (queue_index, queue_slot, cycle_num, retry_num, dateline, add_time, notify_url,
                request_method, notify_param, state) VALUES 
                """)
            script.rows(batch) { row, element in
                let task = element.element
                row.value(Self.uuid(first + start + element.offset))
                for number in [task.slot, task.cycles, task.retries, task.changedAt, task.addedAt] { row.value(number) }
                for text in [task.url, task.method, task.parameter] { row.value(text) }
                row.value(task.state)
            }
            script.end()
            let attempts = batch.flatMap { offset, task in
                task.log.map { (Self.uuid(first + start + offset), $0.0, $0.1) }
            }
            if !attempts.isEmpty {
                script.begin("INSERT INTO hs_task_log (queue_index, response, curl, dateline, state) VALUES ")
                script.rows(attempts) { row, attempt in
                    row.value(attempt.0)
                    row.value(attempt.2)
                    row.value("curl -G   -d '' http://127.0.0.1:1/old")
                    row.value(Self.start + 130)
                    row.value(attempt.1)
                }
                script.end()
            }
            try connection.run(script)
        }
    }
}
