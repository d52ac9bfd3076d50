/// Messages from Redis.
extension SchedulerService {
    /// The keys of Redis that this instance takes messages from, and how far it is.
    public func sources() async -> [SourceStatus] {
        await redis.statuses(now: time.now())
    }

    /// Messages that cannot become tasks; newest first, those with an id below `cursor`.
    public func quarantined(before cursor: TaskID?, limit: Int) async throws -> [QuarantinedMessage] {
        try await reaching { try await store.quarantined(before: cursor, limit: limit) }
    }

    /// - Throws: also `SchedulerError.notFound`.
    public func quarantined(_ id: TaskID) async throws -> QuarantinedMessage {
        try await reaching {
            guard let message = try await store.quarantined(id) else { throw SchedulerError.notFound(id) }
            return message
        }
    }

    /// Makes the task of a message in quarantine by the rules of now, and takes the message out.
    /// - Throws: also `ValidationError` when it still cannot become a task.
    public func retryQuarantined(_ id: TaskID) async throws -> TaskRecord {
        let engine = try engine()
        return try await reaching {
            let message = try await quarantined(id)
            let task = try redis.task(of: message, now: engine.clock.now())
            try await engine.accept(id, task)
            _ = try await store.deleteQuarantined(id)
            guard let record = try await store.task(id) else { throw SchedulerError.notFound(id) }
            return record
        }
    }

    /// Takes a message out of quarantine for good.
    public func deleteQuarantined(_ id: TaskID) async throws {
        guard try await reaching({ try await store.deleteQuarantined(id) }) else { throw SchedulerError.notFound(id) }
    }
}
