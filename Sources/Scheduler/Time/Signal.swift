import Synchronization

/// Wakes the loops that wait. A notice given while nobody waits is kept, so none is lost.
package final class Signal: Sendable {
    private struct State {
        var isNotified = false
        var waiters: [(number: Int, continuation: CheckedContinuation<Bool, Never>)] = []
        var last = 0

        mutating func takeNotice() -> Bool {
            defer { isNotified = false }
            return isNotified
        }
    }

    private let state = Mutex(State())

    package init() {}

    package func notify() {
        let waiters = state.withLock { state in
            defer { state.waiters = [] }
            if state.waiters.isEmpty { state.isNotified = true }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(returning: true) }
    }

    /// Returns at the next notice, at `deadline`, or when the task is cancelled.
    /// - Returns: whether a notice came.
    @discardableResult
    package func wait(until deadline: ContinuousClock.Instant, _ time: any Timekeeper) async -> Bool {
        if state.withLock({ $0.takeNotice() }) { return true }
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

    /// Returns at the next notice or when the task is cancelled.
    /// - Returns: whether a notice came.
    @discardableResult
    package func wait() async -> Bool {
        let number = state.withLock { state in
            state.last += 1
            return state.last
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isNotified: Bool? = state.withLock { state in
                    if state.takeNotice() { return true }
                    if Task.isCancelled { return false }
                    state.waiters.append((number, continuation))
                    return nil
                }
                if let isNotified { continuation.resume(returning: isNotified) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiters.firstIndex { $0.number == number }.map { state.waiters.remove(at: $0) }
            }
            waiter?.continuation.resume(returning: false)
        }
    }
}
