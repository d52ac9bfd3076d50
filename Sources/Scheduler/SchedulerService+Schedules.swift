import MySQL

/// Schedules, by name.
extension SchedulerService {
    /// Makes a schedule; its first run is the first after now.
    /// - Throws: `ValidationError`, `ScheduleError.exists`, `SchedulerError.unavailable`, as all that follow.
    package func add(_ draft: ScheduleDraft, isPaused: Bool) async throws -> Schedule {
        let now = try now()
        let new = try await ScheduleRules(taskRules(naming: draft.task.queues)).check(draft, now: now)
        return try await reaching {
            guard try await store.insert(new, isPaused: isPaused, now: now) else {
                throw ScheduleError.exists(new.name)
            }
            schedulesChanged.notify()
            return try await found(new.name)
        }
    }

    /// Puts another definition in the place of one. Runs whose tasks are made already stay.
    /// - Throws: also `ScheduleError.unknown`.
    package func replace(_ draft: ScheduleDraft) async throws -> Schedule {
        let now = try now()
        let new = try await ScheduleRules(taskRules(naming: draft.task.queues)).check(draft, now: now)
        return try await reaching {
            guard try await store.replace(new, now: now) else { throw ScheduleError.unknown(new.name) }
            schedulesChanged.notify()
            return try await found(new.name)
        }
    }

    package func schedule(_ name: String) async throws -> Schedule {
        try await reaching { try await found(name) }
    }

    /// By name, those behind `cursor`.
    package func schedules(after cursor: String, limit: Int) async throws -> [Schedule] {
        try await reaching { try await store.schedules(after: cursor, limit: limit) }
    }

    /// Makes no more runs; tasks that are made already are called.
    package func pause(schedule name: String) async throws -> Schedule {
        try await setPaused(true, name)
    }

    /// Goes on with the first run after now.
    package func resume(schedule name: String) async throws -> Schedule {
        try await setPaused(false, name)
    }

    /// Tasks that are made already are called.
    package func deleteSchedule(_ name: String) async throws {
        try checkName(name)
        try await reaching {
            guard try await store.deleteSchedule(name) else { throw ScheduleError.unknown(name) }
        }
    }

    /// Makes a run of now, beside those that the rule gives. - Returns: its task.
    package func run(schedule name: String) async throws -> TaskRecord {
        let schedule = try await schedule(name)
        guard let engine = runningEngine else { throw SchedulerError.unavailable("not ready", retryAfter: .seconds(2)) }
        let now = engine.clock.now()
        return try await engine.accept(schedule.schedule.task(for: now, planTime: now))
    }

    /// nil: this instance is no worker.
    func scheduleLoop(_ engine: Engine) -> ScheduleLoop? {
        live.roles.contains(.worker) ? engine.scheduleLoop(store, changed: schedulesChanged) : nil
    }

    private func setPaused(_ isPaused: Bool, _ name: String) async throws -> Schedule {
        try checkName(name)
        let now = try now()
        return try await reaching {
            guard try await store.setPaused(isPaused, schedule: name, now: now) else {
                throw ScheduleError.unknown(name)
            }
            schedulesChanged.notify()
            return try await found(name)
        }
    }

    private func found(_ name: String) async throws -> Schedule {
        try checkName(name)
        guard let schedule = try await store.schedule(name) else { throw ScheduleError.unknown(name) }
        return schedule
    }
}

/// Nothing is called what no schedule can be called, and the database cannot be asked for all of it.
private func checkName(_ name: String) throws(ScheduleError) {
    if !name.isName(limit: 100) { throw .unknown(name) }
}

/// Why nothing was done to a schedule.
package enum ScheduleError: Error, Sendable, Equatable {
    case exists(String)
    case unknown(String)
}
