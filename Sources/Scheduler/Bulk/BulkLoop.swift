import Logging
import MySQL

/// Works at the operations on many tasks that nobody works at, whoever asked for them.
struct BulkLoop: Sendable {
    let store: MySQLStore
    let clock: ClusterClock
    /// Names this process, and no other.
    let runner: String
    /// One was asked for here.
    let added: Signal
    /// Tasks have entered `ready`.
    let onReady: @Sendable () -> Void
    /// Where a live row goes.
    let place: BulkPlace
    let logger: Logger

    /// For what was asked for elsewhere, or left by one that has ended.
    private static let poll: Duration = .seconds(5)
    private static let lease: Duration = .seconds(10)

    /// Runs until it is cancelled; then others go on with what is left.
    func run() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                do {
                    for operation in try await store.takeBulkOperations(runner, lease: Self.lease) {
                        group.addTask { await work(at: operation) }
                    }
                } catch {
                    if !Task.isCancelled { logger.warning("operations cannot be looked for: \(error)") }
                }
                await added.wait(until: clock.time.now().advanced(by: Self.poll), clock.time)
            }
        }
        do {
            try await store.releaseBulkOperations(runner)
        } catch {
            logger.warning("operations could not be given up; others go on when their leases have run out: \(error)")
        }
    }

    private func work(at operation: BulkOperation) async {
        let id = operation.id
        logger.info(
            "operation taken",
            metadata: ["operation": "\(id)", "done": "\(operation.done)", "of": "\(operation.total.count)"])
        // Five times a second, so that one that is slow is not waited for long when it is cancelled, and one that is fast
        // does not keep its tasks locked.
        let limit = max(1, operation.perSecond / 5)
        var due = clock.time.now()
        var backoff = Backoff()
        while !Task.isCancelled {
            do {
                guard let step = try await step(of: operation, limit) else {
                    return logger.info("operation left", metadata: ["operation": "\(id)"])
                }
                if step.done > 0, operation.kind != .purge { onReady() }
                if step.isLast { return logger.info("operation done", metadata: ["operation": "\(id)"]) }
                backoff.reset()
                let pause = Duration.microseconds(step.taken * 1_000_000 / operation.perSecond)
                // A search that finds little leaves the database time for others.
                due = max(clock.time.now(), due.advanced(by: pause), clock.time.now().advanced(by: .milliseconds(20)))
                try await clock.time.sleep(until: due)
            } catch {
                if Task.isCancelled { return }
                if let error = error as? MySQLError, !error.isTransient { return await fail(id, error) }
                logger.warning("operation \(id) waits: \(error)")
                await backoff.pause(clock.time)
            }
        }
    }

    private func step(of operation: BulkOperation, _ limit: Int) async throws -> BulkStep? {
        switch operation.kind {
        case .retry:
            try await store.retryDeadLetters(
                of: operation.id, runner: runner, lease: Self.lease, limit: limit, now: clock.now())
        case .purge:
            try await store.cancelWaiting(
                of: operation.id, runner: runner, lease: Self.lease, limit: min(limit, Self.longestPurge),
                now: clock.now())
        case .cancelTasks, .retryTasks, .rescheduleTasks:
            try await store.doBulk(
                operation.id, runner: runner, lease: Self.lease, limit: limit, now: clock.now(), place: place)
        }
    }

    /// Tasks that one transaction cancels: others wait for its locks.
    private static let longestPurge = 500

    private func fail(_ id: BulkOperation.ID, _ error: MySQLError) async {
        logger.error("operation \(id) cannot go on: \(error)")
        do {
            try await store.endBulkOperation(id, .failed, problem: error.message)
        } catch {
            // Taken again when the lease has run out.
            logger.warning("operation \(id) could not be ended: \(error)")
        }
    }
}
