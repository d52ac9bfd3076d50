extension SchedulerService {
    // MARK: Dead letters

    /// The newest death first, those before `cursor`. A search by host or reason takes about 200 ms and then gives what it
    /// has found, and where it goes on.
    /// - Throws: `ValidationError`, `SchedulerError.unavailable`.
    public func deadLetters(
        _ filter: DeadLetterFilter, before cursor: DeadLetterCursor?, limit: Int
    ) async throws -> DeadLetterPage {
        try filter.check()
        return try await reaching { try await store.deadLetters(filter, before: cursor, limit: limit) }
    }

    /// How many there are; what takes longer than about 200 ms to count is estimated.
    /// - Throws: `ValidationError`, `SchedulerError.unavailable`.
    public func countDeadLetters(_ filter: DeadLetterFilter) async throws -> Estimate {
        try filter.check()
        return try await reaching { try await store.countDeadLetters(filter) }
    }

    // MARK: Operations

    /// Retries all dead letters that there are now and that the filter means, the oldest first, in the background. Any
    /// instance does it; another goes on when that one dies.
    /// - Parameters:
    ///   - perSecond: the most tasks a second, 1 to 1000.
    ///   - name: who asked for it.
    /// - Throws: `ValidationError`, `SchedulerError.tooManyOperations`, `.unavailable`.
    public func startBulkRetry(
        _ filter: DeadLetterFilter, perSecond: Int, by name: String
    ) async throws -> BulkOperation {
        try filter.check()
        guard BulkOperation.rates.contains(perSecond) else {
            throw ValidationError("per_second", "is \(perSecond), accepted is a whole number from 1 to 1000")
        }
        return try await reaching {
            guard let operation = try await store.insertBulkRetry(filter, perSecond: perSecond, by: name) else {
                throw SchedulerError.tooManyOperations(most: BulkOperation.mostRunning)
            }
            bulkOperationAdded.notify()
            return operation
        }
    }

    /// - Returns: nil when there is none with this number.
    public func bulkOperation(_ id: BulkOperation.ID) async throws -> BulkOperation? {
        try await reaching { try await store.bulkOperation(id) }
    }

    /// Newest first, those with a number below `cursor`.
    public func bulkOperations(before cursor: BulkOperation.ID? = nil, limit: Int) async throws -> [BulkOperation] {
        try await reaching { try await store.bulkOperations(before: cursor, limit: limit) }
    }

    /// Ends an operation that runs; what it has done stays done. One that has ended stays as it is.
    /// - Throws: `SchedulerError.unknownOperation`, `.unavailable`.
    public func cancelBulkOperation(_ id: BulkOperation.ID) async throws -> BulkOperation {
        try await reaching {
            guard let operation = try await store.cancelBulkOperation(id) else {
                throw SchedulerError.unknownOperation(id)
            }
            return operation
        }
    }
}
