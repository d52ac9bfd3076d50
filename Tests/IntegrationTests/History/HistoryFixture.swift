import Foundation
import Logging
import MySQL
import Synchronization
import TestSupport
import Testing

@testable import Scheduler

/// A database whose partitions and rows are of past days, and passes over them.
struct HistoryFixture {
    let bench: StoreFixture
    /// A folder of its own for archives.
    let folder: URL
    /// The same for a whole test.
    let now = Timestamp.now

    static func with(_ body: (HistoryFixture) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "history-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }  // What is left is the system's to remove.
        try await StoreFixture.with { try await body(HistoryFixture(bench: $0, folder: folder)) }
    }

    var database: TestDatabase { bench.database }

    /// So many days ago, at this hour.
    func time(daysAgo days: Int, hour: Int = 12) -> Timestamp {
        let day: Int64 = 86_400_000_000
        return Timestamp(microseconds: now.microseconds / day * day) - .seconds(86_400 * days) + .seconds(3600 * hour)
    }

    func day(_ daysAgo: Int) -> String { DayPartition(day: time(daysAgo: daysAgo, hour: 0)).name }

    /// Splits off a day's partition for each of these, in both tables or one.
    func partition(daysAgo days: [Int], tables: [String] = ["tasks", "attempts"]) throws {
        let parts = days.sorted(by: >).map { days in
            let day = DayPartition(day: time(daysAgo: days, hour: 0))
            return "PARTITION \(day.name) VALUES LESS THAN (0x\(day.bound.hex))"
        }
        for table in tables {
            try database.connect().run(
                text: """
                    ALTER TABLE \(table) REORGANIZE PARTITION later
                    INTO (\(parts.joined(separator: ", ")), PARTITION later VALUES LESS THAN (MAXVALUE))
                    """)
        }
    }

    /// Tasks with two attempts each that came in then.
    /// - Parameter finished: nil: they have not ended.
    @discardableResult
    func tasks(_ count: Int, _ state: StoredState, created: Timestamp, finished: Timestamp? = nil) throws -> [TaskID] {
        let ids = TaskIDSource(SystemTime())
        let connection = try database.connect()
        return try (0..<count).map { number in
            let id = ids.next(at: created + .milliseconds(number))
            try connection.run(
                """
                INSERT INTO tasks (id, queue_id, state, attempt, requested_time, plan_time, method, url, success_rule,
                  max_retries, retry_delays, timeout_ms, created_at, finished_at)
                VALUES (\(id), \(bench.queueID), \(state.rawValue), 2, \(created), \(created), 'POST',
                  'http://127.0.0.1:1/', 'status_2xx', 1, '1', 1000, \(created), \(optional: finished))
                """)
            for attempt in 1...2 {
                try connection.run(
                    """
                    INSERT INTO attempts VALUES (\(id), \(attempt), 1, 1, \(created), \(created), 5, 0, 'status', NULL, 500,
                      1, 2, 3, 4, 5, NULL, NULL, 0)
                    """)
            }
            switch state {
            case .dead:
                try connection.run(
                    "INSERT INTO dead_letters VALUES (\(id), \(bench.queueID), \(finished ?? created), 'gone')")
            case .scheduled, .retrying:
                try connection.run(
                    "INSERT INTO scheduled (queue_id, plan_time, task_id) VALUES (\(bench.queueID), \(created), \(id))")
            case .succeeded, .cancelled: break
            }
            try connection.run("INSERT INTO task_copies VALUES (\(ids.next(at: created)), \(id), \(created), 0)")
            return id
        }
    }

    /// One pass. - Returns: nil when another is at it.
    /// - Parameter lockWait: on a busy machine InnoDB's purge alone may use a table for longer than a second.
    func pass(
        days: Int = 30, export: ExportFormat? = nil, into folder: String? = nil, at time: Timestamp? = nil,
        lockWait: Duration = .seconds(60)
    ) async throws -> RetentionPass.Summary? {
        let archive = export.map { HistoryArchive(folder: folder ?? self.folder.path, format: $0) }
        let plan = RetentionPlan(now: time ?? now, days: days)
        return try await bench.store.withHistory(lockWait: lockWait) { history in
            var pass = RetentionPass(
                history, plan, archive: archive, logger: Logger(label: "test"), sizes: .init(look: 7, delete: 5),
                rest: { _ in })
            return try pass.run()
        }
    }

    /// Names of the partitions of past days that a table has.
    func partitions(_ table: String) throws -> [String] {
        try database.connect().run(
            """
            SELECT PARTITION_NAME FROM information_schema.PARTITIONS
            WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = \(table) AND PARTITION_NAME <> 'later' ORDER BY 1
            """
        ).rows.map { try $0.text(0) }
    }

    /// Rows in tasks, attempts, dead letters and copies.
    func rows() throws -> [Int] {
        try ["tasks", "attempts", "dead_letters", "task_copies"].map { try database.count($0) }
    }

    /// The lines of a file of the archive, without its compression.
    func archived(_ name: String) async throws -> [String] {
        let plain = folder.appending(path: name + ".plain").path
        let gzip = try ChildProcess(["gzip", "-dc", folder.appending(path: name).path], output: plain)
        try await eventually { gzip.exitStatus != nil }
        #expect(gzip.exitStatus == 0)
        defer { try? FileManager.default.removeItem(atPath: plain) }  // What is left goes with the folder.
        return try String(contentsOfFile: plain, encoding: .utf8).split(whereSeparator: \.isNewline).map(String.init)
    }

    var files: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }
    }
}

extension TaskID {
    var hex: String { description.replacing("-", with: "") }
}
