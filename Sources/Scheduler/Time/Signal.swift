import Synchronization

/// Wakes one waiting loop. A notice given while nobody waits is kept, so none is lost.
package final class Signal: Sendable {
    private enum State {
        case idle
        case notified
        case waiting(CheckedContinuation<Bool, Never>)
    }

    private let state = Mutex(State.idle)

    package init() {}

    package func notify() {
        let waiter: CheckedContinuation<Bool, Never>? = state.withLock { state in
            guard case .waiting(let waiter) = state else {
                state = .notified
                return nil
            }
            state = .idle
            return waiter
        }
        waiter?.resume(returning: true)
    }

    /// Returns at the next notice, at `deadline`, or when the task is cancelled. For one waiter at a time.
    /// - Returns: whether a notice came.
    @discardableResult
    package func wait(until deadline: ContinuousClock.Instant, _ time: any Timekeeper) async -> Bool {
        if takeNotice() { return true }
        return await withTaskGroup(of: Bool.self) { group in
            group.addTask { await self.wait() }
            group.addTask {
                // Cancelled when the notice comes first: then there is nothing left to wait for.
                try? await time.sleep(until: deadline)
                return false
            }
            var isNotified = await group.next() ?? false
            group.cancelAll()
            // A notice may have come together with the deadline.
            for await other in group where other { isNotified = true }
            return isNotified
        }
    }

    /// Returns at the next notice or when the task is cancelled. For one waiter at a time.
    /// - Returns: whether a notice came.
    @discardableResult
    package func wait() async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isNotified: Bool? = state.withLock { state in
                    if case .notified = state {
                        state = .idle
                        return true
                    }
                    if Task.isCancelled { return false }
                    state = .waiting(continuation)
                    return nil
                }
                if let isNotified { continuation.resume(returning: isNotified) }
            }
        } onCancel: {
            cancelWait()
        }
    }

    private func takeNotice() -> Bool {
        state.withLock { state in
            guard case .notified = state else { return false }
            state = .idle
            return true
        }
    }

    private func cancelWait() {
        let waiter: CheckedContinuation<Bool, Never>? = state.withLock { state in
            guard case .waiting(let waiter) = state else { return nil }
            state = .idle
            return waiter
        }
        waiter?.resume(returning: false)
    }
}
