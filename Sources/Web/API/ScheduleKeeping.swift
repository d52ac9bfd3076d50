import MySQL
package import Scheduler

/// What the HTTP API asks about schedules; the same methods as `SchedulerService`, with the same errors.
package protocol ScheduleKeeping: Sendable {
    func add(_ draft: ScheduleDraft, isPaused: Bool) async throws -> Schedule
    func replace(_ draft: ScheduleDraft) async throws -> Schedule
    func schedule(_ name: String) async throws -> Schedule
    func schedules(after cursor: String, limit: Int) async throws -> [Schedule]
    func pause(schedule name: String) async throws -> Schedule
    func resume(schedule name: String) async throws -> Schedule
    func deleteSchedule(_ name: String) async throws
    func run(schedule name: String) async throws -> TaskRecord
}

extension SchedulerService: ScheduleKeeping {}
