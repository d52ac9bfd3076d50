extension SchedulerService {
    // MARK: Queues

    /// Pauses a queue: nothing of it is started from about `claim.poll_max` on, by any instance; what runs goes on.
    /// - Throws: also `SchedulerError.unknownQueue`.
    public func pause(queue: String) async throws -> QueueStatus {
        try await setPaused(true, queue)
    }

    /// Lets a paused queue go on; what is overdue by then is run at once. - Throws: also `SchedulerError.unknownQueue`.
    public func resume(queue: String) async throws -> QueueStatus {
        try await setPaused(false, queue)
    }

    private func setPaused(_ isPaused: Bool, _ queue: String) async throws -> QueueStatus {
        let engine = try engine()
        return try await reaching {
            try await engine.setPaused(isPaused, queue: queue)
            return try await self.queue(queue)
        }
    }

    /// Queues by name, those after `name`.
    public func queues(after name: String = "", limit: Int) async throws -> [QueueStatus] {
        var queues = try await queuesWithoutCalls(after: name, limit: limit)
        return try await reaching {
            let recent = try await recentCalls.ofQueues()
            for index in queues.indices { queues[index].recent = recent[queues[index].name] ?? RecentCalls() }
            return queues
        }
    }

    /// The same with `recent` left empty.
    package func queuesWithoutCalls(after name: String = "", limit: Int) async throws -> [QueueStatus] {
        let now = try engine().clock.now()
        return try await reaching { try await store.queueStatuses(now: now, .after(name, limit: limit)) }
    }

    /// One queue.
    /// - Throws: `SchedulerError.unknownQueue`, `.unavailable`, as all that follow.
    public func queue(_ name: String) async throws -> QueueStatus {
        let now = try now()
        return try await reaching {
            guard var status = try await store.queueStatuses(now: now, .named(name)).first else {
                throw SchedulerError.unknownQueue(name)
            }
            status.recent = try await recentCalls.ofQueues()[name] ?? RecentCalls()
            return status
        }
    }

    /// Makes a queue.
    /// - Throws: `ValidationError`, `SchedulerError.queueExists`.
    public func createQueue(_ name: String, _ patch: QueuePatch) async throws -> QueueStatus {
        try QueueRules.check(name: name)
        let settings = try queueRules.check(patch, of: QueueSettings())
        return try await reaching {
            guard try await store.createQueue(name, settings) else { throw SchedulerError.queueExists(name) }
            queueBook.forget()
            return try await queue(name)
        }
    }

    /// Changes the settings of a queue. Every instance goes by them with its next look at the queues, a second later at
    /// most.
    /// - Throws: also `ValidationError`.
    public func changeQueue(_ name: String, _ patch: QueuePatch) async throws -> QueueStatus {
        let rules = queueRules
        return try await reaching {
            guard try await store.changeQueue(name, { try rules.check(patch, of: $0) }) != nil else {
                throw SchedulerError.unknownQueue(name)
            }
            queueBook.forget()
            runningEngine?.wakeClaims()
            return try await queue(name)
        }
    }

    /// Deletes a queue in which nothing waits or runs, and for which no schedule makes tasks. A task that names it brings
    /// it back, without its settings.
    /// - Throws: also `SchedulerError.queueNotEmpty`, `.queueNeeded`.
    public func deleteQueue(_ name: String) async throws {
        try await reaching {
            switch try await store.deleteQueue(name) {
            case .done: queueBook.forget()
            case .unknown: throw SchedulerError.unknownQueue(name)
            case .notEmpty: throw SchedulerError.queueNotEmpty(name)
            case .needed(let schedule): throw SchedulerError.queueNeeded(name, by: schedule)
            }
        }
    }

    /// Cancels all tasks of a queue that wait now. What runs goes on.
    /// - Parameter name: who asked for it.
    /// - Returns: the operation that does it; ended already when there was little to do.
    /// - Throws: also `SchedulerError.tooManyOperations`.
    public func purge(queue name: String, by asker: String) async throws -> BulkOperation {
        let status = try await queue(name)
        return try await reaching {
            let total = status.waiting + Estimate(status.claimed)
            guard var operation = try await store.insertPurge(name, total: total, by: asker) else {
                throw SchedulerError.tooManyOperations(most: BulkOperation.mostRunning)
            }
            bulkOperationAdded.notify()
            let end = time.now().advanced(by: Self.patienceForPurge)
            while operation.state == .running, time.now() < end {
                try await time.sleep(for: .milliseconds(20))
                operation = try await store.bulkOperation(operation.id) ?? operation
            }
            return operation
        }
    }

    private static let patienceForPurge: Duration = .seconds(1)
}
