import MySQL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Why a schedule of the table is of no use here.
struct UnreadableSchedule: Error, Sendable {
    let name: String
    let reason: String
}

extension NewSchedule {
    /// In the form of `schedules.task`.
    func storedTask(_ now: Timestamp) throws -> [UInt8] {
        Array(try JSONEncoder().encode(BufferedTask(createdAt: now, task: task)))
    }
}

extension Schedule {
    /// What `Schedule.init` reads.
    static let columns: StaticString = """
        id, name, kind, rule, timezone, starts_at, ends_at, missed, missed_limit, overlap, jitter_ms, task, next_at,
        paused_at, last_run_at, last_task_id, runs, skipped, version, created_at, updated_at
        """

    enum Column {
        static let lastTask = 15
        static let queueID = 21
    }
}

extension Schedule {
    init(_ row: Row) throws(UnreadableSchedule) {
        do throws(MySQLError) {
            let name = try row.text(1)
            guard
                let rule = ScheduleRule(
                    kind: try row.text(2), text: try row.text(3), timezone: try row.text(4)),
                let missed = MissedRuns(rawValue: try row.text(7)), let overlap = Overlap(rawValue: try row.text(9))
            else { throw MySQLError(.unexpectedRow, "its rule or its time zone is not known here") }
            // Written by `storedTask`.
            guard let task = try? JSONDecoder().decode(BufferedTask.self, from: Data(try row.bytes(11))) else {
                throw MySQLError(.unexpectedRow, "its task cannot be read")
            }
            self.init(
                id: try row.integer(0),
                schedule: NewSchedule(
                    name: name, rule: rule, startsAt: try row.optional(5, Row.time),
                    endsAt: try row.optional(6, Row.time),
                    missed: missed, missedLimit: try row.integer(8), overlap: overlap,
                    jitter: .milliseconds(try row.integer(10)), task: task.task),
                nextAt: try row.optional(12, Row.time), pausedAt: try row.optional(13, Row.time),
                lastRunAt: try row.optional(14, Row.time), lastTask: try row.optional(15, Row.taskID),
                runs: try row.integer(16), skipped: try row.integer(17), version: try row.integer(18),
                createdAt: try row.time(19), updatedAt: try row.time(20))
        } catch {
            throw UnreadableSchedule(name: (try? row.text(1)) ?? "?", reason: error.message)
        }
    }
}
