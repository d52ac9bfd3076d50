import Synchronization

/// Wakes the loops that wait. A notice given while nobody waits is kept, so none is lost.
package final class Signal: Sendable {
    private struct State {
        var isNotified = false
        var waiters: [(number: Int, continuation: CheckedContinuation<Bool, Never>)] = []
        var last = 0
        /// Waiters whose deadline came before they waited.
        var givenUp: Set<Int> = []

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
        let number = nextNumber()
        let isNotified = await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // Cancelled when the notice comes first.
                guard (try? await time.sleep(until: deadline)) != nil else { return }
                self.giveUp(number, mayBeEarly: true)
            }
            defer { group.cancelAll() }
            return await self.wait(as: number)
        }
        state.withLock { _ = $0.givenUp.remove(number) }
        return isNotified
    }

    /// Returns at the next notice or when the task is cancelled.
    /// - Returns: whether a notice came.
    @discardableResult
    package func wait() async -> Bool {
        await wait(as: nextNumber())
    }

    private func nextNumber() -> Int {
        state.withLock { state in
            state.last += 1
            return state.last
        }
    }

    private func wait(as number: Int) async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isNotified: Bool? = state.withLock { state in
                    if state.takeNotice() { return true }
                    if Task.isCancelled || state.givenUp.contains(number) { return false }
                    state.waiters.append((number, continuation))
                    return nil
                }
                if let isNotified { continuation.resume(returning: isNotified) }
            }
        } onCancel: {
            giveUp(number)
        }
    }

    /// Lets a waiter go without a notice.
    /// - Parameter mayBeEarly: whether it may not even wait yet.
    private func giveUp(_ number: Int, mayBeEarly: Bool = false) {
        let waiter = state.withLock { state in
            let index = state.waiters.firstIndex { $0.number == number }
            if index == nil, mayBeEarly { state.givenUp.insert(number) }
            return index.map { state.waiters.remove(at: $0) }
        }
        waiter?.continuation.resume(returning: false)
    }
}
